package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.cli.Progress.Shown;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a transfer while it runs and when it is over. */
final class ProgressTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private final ManualClock clock = new ManualClock();
    private final StringWriter said = new StringWriter();

    private Progress progress(boolean watched) {
        Shown shown = watched ? Shown.RUNNING_LINE : Shown.SUM;
        return new Progress(new PrintWriter(said, true), shown, clock);
    }

    @Test
    void theRunningLineTellsBytesShareRateAndTime() {
        Progress progress = progress(false);
        assertThat(progress.line()).isEqualTo("0 B, 0.0 s");
        clock.advance(Duration.ofMillis(500));
        progress.moved(1 << 20);
        assertThat(progress.line()).isEqualTo("1 MiB, 2 MiB/s, 0.5 s");
        progress.expect(OptionalLong.of(10 << 20));
        progress.moved(1 << 20);
        assertThat(progress.line())
                .isEqualTo("[====                ] 20 % 2 MiB of 10 MiB, 4 MiB/s, 2 s left");
        clock.advance(Duration.ofMillis(1500));
        progress.moved(1024);
        assertThat(progress.line())
                .isEqualTo("[====                ] 20 % 2 MiB of 10 MiB, 682 B/s, 3 h 24 min left");
        clock.advance(Duration.ofSeconds(2));
        assertThat(progress.line()).isEqualTo("[====                ] 20 % 2 MiB of 10 MiB");
        progress.moved(9 << 20);
        assertThat(progress.line()).startsWith("[====================] 100 % 11 MiB of 10 MiB");
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void whoWatchesSeesALineThatIsWrittenAnew() throws InterruptedException {
        try (Progress progress = progress(true)) {
            clock.awaitWaiters(1);
            progress.moved(1024);
            clock.advance(Duration.ofMillis(200));
            clock.awaitWaiters(1);
            assertThat(said.toString()).isEqualTo("\r\033[K1 KiB, 5 KiB/s, 0.2 s");
            progress.warning("odd");
            clock.advance(Duration.ofMillis(200));
            clock.awaitWaiters(1);
            progress.done("read", 1024);
        }
        assertThat(said.toString())
                .contains("\r\033[KWarning: odd\n")
                .endsWith("\r\033[K1 KiB read in 0.40 s (2.5 KiB/s)\n");
    }

    @Test
    void aLogGetsTheFirstRetryTheWarningsAndTheSum() {
        try (Progress progress = progress(false)) {
            ContainerException reason = new ContainerException(Fault.UNAVAILABLE, "nobody answers");
            progress.retrying(reason);
            progress.retrying(reason);
            progress.warning("odd");
            clock.advance(Duration.ofSeconds(2));
            progress.done("written", 5_000_000);
        }
        assertThat(said)
                .hasToString(
                        "Warning: nobody answers; trying again\nWarning: odd\n4.77 MiB written in 2.00 s (2.38 MiB/s), 2 retries\n");
    }

    @Test
    void aFinishedBufferAndAFileHaveASizeThatIsKnown(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x".repeat(5000));
        String id = CLI.create();
        ReadableByteChannel nothing =
                Channels.newChannel(Files.newInputStream(Path.of("/dev/null")));
        Cli.Outcome written =
                CLI.runWith(nothing, true, "buffer", "write", id, "-i", file.toString());
        assertThat(written.text()).isEmpty();
        assertThat(written.err()).contains("4.88 KiB written in ").endsWith(")\n");
        Cli.Outcome read = CLI.runWith(nothing, true, "buffer", "read", id);
        assertThat(read.data()).hasSize(5000);
        assertThat(read.err()).contains("4.88 KiB read in ").endsWith(")\n");
        nothing.close();
    }

    @Test
    void aTickThatComesWithTheEndWritesNothingBehindIt() throws InterruptedException {
        try (Progress progress = progress(true)) {
            clock.awaitWaiters(1);
            synchronized (progress) { // Its thread is woken, and gets to write after the end only.
                clock.advance(Duration.ofMillis(200));
                progress.done("read", 1024);
            }
        }
        assertThat(said).hasToString("\r\033[K1 KiB read in 0.20 s (5 KiB/s)\n");
    }

    /** What is left to see of lines that are written anew, as they are on a slow machine. */
    private static String seen(String text) {
        return text.replaceAll("[^\n]*\r\033\\[K", "");
    }

    @Test
    void aTransferThatFailsLeavesNoHalfALine() throws IOException {
        String id = CLI.create();
        Pipe pipe = Pipe.open();
        pipe.source().close();
        Cli.Outcome failed = CLI.runWith(pipe.source(), true, "buffer", "write", id);
        pipe.sink().close();
        assertThat(failed.code()).isEqualTo(Failures.FAILED);
        assertThat(seen(failed.err()))
                .startsWith("Warning: the buffer is marked failed")
                .contains("\nError: the input failed");
        assertThat(failed.err().getBytes(StandardCharsets.UTF_8)).endsWith((byte) '\n');
    }

    @Test
    void quietTransferSaysNothingButWarningsAndErrors(@TempDir Path directory) throws IOException {
        try (Progress progress = new Progress(new PrintWriter(said, true), Shown.WARNINGS, clock)) {
            progress.warning("odd");
            progress.done("read", 1024);
        }
        assertThat(said).hasToString("Warning: odd\n");
        Path file = Files.writeString(directory.resolve("file"), "some data");
        String id = CLI.create();
        assertThat(watched("buffer", "write", id, "-i", file.toString(), "--quiet")).isEmpty();
        Path out = directory.resolve("out");
        assertThat(watched("buffer", "read", id, "-o", out.toString(), "--quiet")).isEmpty();
        assertThat(watched("buffer", "read", id, "-o", out.toString(), "--no-progress"))
                .startsWith("9 B read in ");
        assertThat(watched("buffer", "read", id, "-o", out.toString())).startsWith("\r\033[K");
    }

    @Test
    void terminalThatCannotWriteALineAnewGetsTheSumOnly(@TempDir Path directory)
            throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "some data");
        String id = CLI.create();
        CLI.variables.put("TERM", "dumb");
        try {
            assertThat(watched("buffer", "write", id, "-i", file.toString()))
                    .startsWith("9 B written in ");
        } finally {
            CLI.variables.remove("TERM");
        }
    }

    /** What a command says on a standard error that is a terminal. */
    private static String watched(String... command) throws IOException {
        try (ReadableByteChannel nothing =
                Channels.newChannel(Files.newInputStream(Path.of("/dev/null")))) {
            Cli.Outcome outcome = CLI.runWith(nothing, true, command);
            assertThat(outcome.code()).as(outcome.err()).isZero();
            return outcome.err();
        }
    }
}
