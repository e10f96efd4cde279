package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StandardStreamsTest {
    /** Run as a process of its own: copies its input to its output, and says how wide they are. */
    static final class Copy {
        private Copy() {}

        public static void main(String[] args) throws IOException {
            ReadableByteChannel input = StandardStreams.input();
            WritableByteChannel output = StandardStreams.output();
            System.err.println(StandardStreams.widen(0) + " " + StandardStreams.widen(1));
            ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
            while (input.read(bytes.clear()) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining()) {
                    output.write(bytes);
                }
            }
        }
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aProcessCopiesItsPipesByteForByte() throws Exception {
        String classes =
                Stream.of(Copy.class, StandardStreams.class)
                        .map(StandardStreamsTest::place)
                        .distinct()
                        .collect(Collectors.joining(File.pathSeparator));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                List.of(
                                        java,
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        classes,
                                        Copy.class.getName()))
                        .start();
        byte[] bytes = new byte[3_000_000];
        new Random(8).nextBytes(bytes);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<byte[]> copied = threads.submit(() -> process.getInputStream().readAllBytes());
            try (OutputStream to = process.getOutputStream()) {
                to.write(bytes);
            }
            assertThat(copied.get()).isEqualTo(bytes);
            assertThat(process.waitFor()).isZero();
            String widths =
                    new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            // A system may refuse, and then says -1; otherwise each is at least what was asked.
            String last = widths.strip().lines().toList().getLast();
            for (String width : last.split(" ", -1)) {
                assertThat(Integer.parseInt(width)).matches(w -> w == -1 || w >= 1 << 20);
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
