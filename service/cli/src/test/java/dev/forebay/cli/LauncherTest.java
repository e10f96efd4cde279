package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The beginning of the launcher, which cares for standard streams that are closed, before this
 * build's own classes: the rest of it would look for a build, or make one.
 */
@EnabledOnOs(OS.LINUX)
final class LauncherTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final String REST = "script=";

    @TempDir Path directory;
    private Path launcher;

    @BeforeEach
    void takeTheBeginning() throws Exception {
        Path whole = Path.of(System.getProperty("basedir", ".")).resolve("../../forebay");
        List<String> lines = new ArrayList<>(Files.readAllLines(whole));
        int end = 0;
        while (!lines.get(end).startsWith(REST)) {
            end++;
        }
        List<String> beginning = new ArrayList<>(lines.subList(0, end));
        beginning.add("exec \"$@\"");
        launcher = Files.write(directory.resolve("launcher"), beginning);
    }

    private record Ended(int code, String out, String err) {}

    /** Runs the program with a stream closed, as a shell says it: {@code <&-}. */
    private Ended run(String closing, String... args) throws Exception {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("bash", "-c", "exec bash \"$0\" \"$@\" " + closing));
        command.add(launcher.toString());
        command.addAll(ProcessTest.java());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("FOREBAY_SERVER", CLI.url());
        Path err = directory.resolve("err");
        Process process = builder.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ended(process.waitFor(), out, Files.readString(err));
    }

    @Test
    void aWriteFromAClosedInputFailsAndStoresNothing() throws Exception {
        String id = CLI.create();
        Ended ended = run("<&-", "buffer", "write", id);
        assertThat(ended.err()).contains("Error: ", "input");
        assertThat(ended.code()).isEqualTo(1);
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    @Test
    void aReadToAClosedOutputFailsWithAReason() throws Exception {
        String id = CLI.create();
        CLI.runWith("Hello".getBytes(UTF_8), "buffer", "write", id).text();
        Ended ended = run(">&-", "buffer", "read", id);
        assertThat(ended.err()).contains("Error: ", "output");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void aResultThatHasNowhereToGoIsAFailure() throws Exception {
        Ended ended = run(">&-", "version");
        assertThat(ended.err()).contains("could not be written to standard output");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void withoutAStandardErrorResultsAreAsEver() throws Exception {
        String id = CLI.create();
        CLI.runWith("Hello".getBytes(UTF_8), "buffer", "write", id).text();
        assertThat(run("2>&-", "buffer", "read", id)).isEqualTo(new Ended(0, "Hello", ""));
        assertThat(run("2>&-", "buffer", "read", "no-such/thing").code()).isEqualTo(2);
    }

    @Test
    void streamsThatAreOpenStayWhatTheyAre() throws Exception {
        String id = CLI.create();
        assertThat(run("", "buffer", "write", id).code()).isZero();
        assertThat(run("", "buffer", "read", id).out()).isEmpty();
    }
}
