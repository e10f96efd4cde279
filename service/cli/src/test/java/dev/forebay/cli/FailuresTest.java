package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program says of a failure that no code expected. */
final class FailuresTest {
    @TempDir Path directory;

    /** Generates data into an output that fails in this way. */
    private Cli.Outcome generate(String state, Supplier<Throwable> failure) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Shell shell =
                new Shell(
                        name -> name.equals("XDG_STATE_HOME") ? state : null,
                        () -> Channels.newChannel(java.io.InputStream.nullInputStream()),
                        () -> throwing(failure.get()),
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        () -> false,
                        _ -> Optional.empty());
        int code = Forebay.run(shell, "buffer", "gen", "1");
        return new Cli.Outcome(code, new byte[0], out.toString(), err.toString());
    }

    private static java.nio.channels.WritableByteChannel throwing(Throwable failure) {
        switch (failure) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(failure);
        }
    }

    @Test
    void unexpectedExceptionIsOneLineThatNamesFileWithTrace() throws Exception {
        Cli.Outcome outcome =
                generate(directory.toString(), () -> new IllegalStateException("odd\u001b[2J"));
        outcome.failedWith(1, "unexpected java.lang.IllegalStateException: odd\\u001b[2J");
        assertThat(outcome.err()).hasLineCount(1);
        try (Stream<Path> files = Files.list(directory.resolve("forebay"))) {
            Path trace = files.findFirst().orElseThrow();
            assertThat(outcome.err()).contains(trace.toString());
            assertThat(Files.readString(trace)).contains("\tat dev.forebay.cli.");
        }
    }

    @Test
    void unexpectedErrorIsOneLineAndExitCodeOne() {
        Cli.Outcome outcome =
                generate(directory.toString(), () -> new ExceptionInInitializerError("odd"));
        outcome.failedWith(1, "unexpected java.lang.ExceptionInInitializerError: odd");
        assertThat(outcome.err()).hasLineCount(1);
    }

    @Test
    void outOfMemoryIsOneLineWithSettingToRaise() {
        Cli.Outcome outcome =
                generate(directory.toString(), () -> new OutOfMemoryError("Java heap space"));
        outcome.failedWith(1, "out of memory (Java heap space)", "FOREBAY_MEMORY");
        assertThat(outcome.err()).hasLineCount(1);
    }

    @Test
    void traceThatNoFileTakesIsPrinted() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Cli.Outcome outcome = generate(file.toString(), () -> new IllegalStateException("odd"));
        assertThat(outcome.err())
                .startsWith("Error: unexpected java.lang.IllegalStateException: odd; the details")
                .contains("\tat dev.forebay.cli.");
        assertThat(outcome.code()).isEqualTo(1);
    }
}
