package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Writing the output of a command. */
@EnabledOnOs({OS.LINUX, OS.MAC})
final class FromCommandTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    @BeforeAll
    static void commandsAreFoundOnThePath() {
        CLI.variables.put("PATH", System.getenv("PATH"));
    }

    private static Cli.Outcome write(String id, String... more) {
        List<String> args = new ArrayList<>(List.of("buffer", "write", id, "--from-command"));
        args.addAll(List.of(more));
        return CLI.run(args.toArray(String[]::new));
    }

    private static Cli.Outcome script(String id, String grace, String script) {
        return write(id, "--exit-grace", grace, "--", "sh", "-c", script);
    }

    private static void isComplete(String id, String expected) {
        assertThat(CLI.run("buffer", "read", id).data()).asString().isEqualTo(expected);
    }

    private static void isFailed(String id) {
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    private static void isUntouched(String id) {
        CLI.runWith(new byte[3], "buffer", "write", id).text();
    }

    @Test
    void outputOfCommandThatEndsWithZeroIsACompleteBuffer() {
        String id = CLI.create();
        assertThat(script(id, "10s", "echo one; echo two; echo three 1>&2").text()).isEmpty();
        isComplete(id, "one\ntwo\n");
    }

    @Test
    void commandThatEndsWithAnotherCodeFailsTheBuffer() {
        String id = CLI.create();
        Cli.Outcome written = script(id, "10s", "echo one; exit 3");
        assertThat(written.code()).isEqualTo(Failures.FAILED);
        assertThat(written.err())
                .contains("Warning: the buffer is marked failed")
                .contains("the command 'sh' ended with exit code 3 and not with 0, after 4 B");
        isFailed(id);
    }

    @Test
    void commandThatClosesItsOutputAndFailsLaterFailsTheBuffer() {
        String id = CLI.create();
        Cli.Outcome written = script(id, "10s", "echo one; exec >&-; sleep 0.2; exit 4");
        assertThat(written.err()).contains("ended with exit code 4");
        isFailed(id);
    }

    @Test
    void commandThatCannotBeStartedLeavesTheBufferUntouched() throws Exception {
        String id = CLI.create();
        Path plain = Files.writeString(directory.resolve("plain"), "text");
        write(id, "--", "no-such-command")
                .failedWith(127, "the command 'no-such-command' was not found");
        write(id, "--", directory.resolve("none").toString()).failedWith(127, "was not found");
        write(id, "--", plain.toString()).failedWith(126, "is not a program that may be executed");
        write(id, "--", directory.toString()).failedWith(126, "is not a program");
        Path broken = directory.resolve("broken");
        Checkout.program(broken, "");
        Files.writeString(broken, "#!/no/such/interpreter\n");
        write(id, "--", broken.toString()).failedWith(126, "could not be started");
        isUntouched(id);
    }

    /** Java's own pipe would report an end together with the end of the command. */
    @Test
    void outputOfAnotherProcessThatEndsInTimeBelongsToTheBuffer() {
        String id = CLI.create();
        script(id, "60s", "(sleep 0.3; echo late) & echo early").text();
        isComplete(id, "early\nlate\n");
    }

    @Test
    void processThatHoldsTheOutputAfterTheCommandFailsTheBufferInTime() throws Exception {
        String id = CLI.create();
        Path pid = directory.resolve("pid");
        try {
            Cli.Outcome written = script(id, "100ms", "sleep 300 & echo $! > '" + pid + "'");
            assertThat(written.code()).isEqualTo(Failures.FAILED);
            assertThat(written.err())
                    .contains("has ended, but another process still holds its output 100 ms later");
        } finally {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    .ifPresent(ProcessHandle::destroy);
        }
        isFailed(id);
    }

    @Test
    void processThatWritesOnAfterTheCommandFailsTheBufferToo() {
        String id = CLI.create();
        Cli.Outcome written = script(id, "100ms", "yes & exit 0");
        assertThat(written.code()).isEqualTo(Failures.FAILED);
        assertThat(written.err()).contains("another process still holds its output");
        isFailed(id);
    }

    @Test
    void writeThatFailsEndsTheCommand() {
        String id = CLI.create();
        CLI.run("buffer", "write", id).text();
        Set<Long> before = children();
        script(id, "10s", "exec sleep 300").failedWith(1, "cannot be overwritten");
        assertThat(children()).isSubsetOf(before);
    }

    private static Set<Long> children() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    @Test
    void wrongUseIsSaidBeforeAnythingIsDone() {
        String id = CLI.create();
        write(id).failedWith(2, "expected a command after --from-command");
        write(id, "-i", "x", "--", "true")
                .failedWith(2, "give --input or --from-command, not both");
        CLI.run("buffer", "write", id, "true").failedWith(2, "unexpected argument 'true'");
        isUntouched(id);
    }
}
