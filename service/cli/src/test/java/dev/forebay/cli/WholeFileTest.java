package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Writing a file that changes its size meanwhile. */
final class WholeFileTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final int SIZE = 3 << 20;

    @TempDir private Path directory;

    private Path file(int size) throws IOException {
        return Files.write(directory.resolve("file"), new byte[size]);
    }

    private static void resize(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
            if (channel.size() < size) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        }
    }

    private WholeFile open(Path file) throws IOException {
        return new WholeFile("'file'", FileChannel.open(file));
    }

    @Test
    void fileCutBehindWhatWasReadFailsTheRead() throws IOException {
        Path file = file(100);
        try (WholeFile input = open(file)) {
            assertThat(input.read(ByteBuffer.allocate(40))).isEqualTo(40);
            resize(file, 60);
            assertThatThrownBy(() -> input.read(ByteBuffer.allocate(40)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(
                            "'file' was cut while it was read: expected 100 bytes (100 B) or more, found its end after 60");
        }
    }

    @Test
    void fileCutBeforeWhatWasReadFailsTheEnd() throws IOException {
        Path file = file(100);
        try (WholeFile input = open(file)) {
            assertThat(input.read(ByteBuffer.allocate(100))).isEqualTo(100);
            resize(file, 60);
            assertThatThrownBy(() -> input.read(ByteBuffer.allocate(40)))
                    .hasMessageContaining("found its end after 60, with 100 read already");
        }
    }

    @Test
    void fileThatGrewAndWasCutToItsFirstSizeFailsTheEnd() throws IOException {
        Path file = file(100);
        try (WholeFile input = open(file)) {
            resize(file, 200);
            assertThat(input.read(ByteBuffer.allocate(100))).isEqualTo(100);
            resize(file, 100);
            assertThatThrownBy(() -> input.read(ByteBuffer.allocate(100)))
                    .hasMessageContaining("expected 200 bytes");
        }
    }

    @Test
    void fileThatGrowsIsReadToItsEndAndThatIsSaid() throws IOException {
        Path file = file(100);
        try (WholeFile input = open(file)) {
            assertThat(input.read(ByteBuffer.allocate(100))).isEqualTo(100);
            resize(file, 160);
            assertThat(input.read(ByteBuffer.allocate(100))).isEqualTo(60);
            assertThat(input.read(ByteBuffer.allocate(100))).isEqualTo(-1);
            assertThat(input.growth(100)).isEmpty();
            assertThat(input.growth(160))
                    .hasValue(
                            "'file' grew while it was read: it had 100 bytes at first, and 160 bytes up to its end were written");
        }
    }

    /** The first request comes after the file was opened, and before any of it is read. */
    @Test
    void writeOfFileThatIsCutMarksTheBufferFailed() throws IOException {
        Path file = file(SIZE);
        String id = CLI.create();
        try (Gate gate = new Gate(CLI.url())) {
            gate.onRequest(() -> resize(file, SIZE / 3));
            Cli.Outcome written =
                    CLI.run("buffer", "write", id, "-i", file.toString(), "--server", gate.url());
            assertThat(written.code()).isEqualTo(Failures.FAILED);
            assertThat(written.err())
                    .contains("Warning: the buffer is marked failed")
                    .contains("was cut while it was read: expected " + SIZE + " bytes (3 MiB)");
        }
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    @Test
    void writeOfFileThatGrowsSaysSoAndIsComplete() throws IOException {
        Path file = file(SIZE);
        String id = CLI.create();
        try (Gate gate = new Gate(CLI.url())) {
            AtomicInteger requests = new AtomicInteger();
            gate.onRequest(() -> {
                if (requests.getAndIncrement() == 0) {
                    resize(file, SIZE + 1);
                }
            });
            Cli.Outcome written =
                    CLI.run("buffer", "write", id, "-i", file.toString(), "--server", gate.url());
            assertThat(written.text()).isEmpty();
            assertThat(written.err()).startsWith("Warning: '" + file + "' grew while it was read");
        }
        assertThat(CLI.run("buffer", "read", id).data()).hasSize(SIZE + 1);
    }

    @Test
    void fileWithoutSizeIsReadToItsEnd() {
        String id = CLI.create();
        CLI.run("buffer", "write", id, "-i", "/proc/self/status").text();
        assertThat(CLI.run("buffer", "read", id).data()).isNotEmpty();
    }
}
