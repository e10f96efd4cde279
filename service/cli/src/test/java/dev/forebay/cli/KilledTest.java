package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each party killed with SIGKILL in the middle of a transfer. What was acknowledged is witnessed by
 * this process, which nobody kills.
 */
@EnabledOnOs(OS.LINUX) // Elsewhere a server cannot have a port that somebody keeps for it.
final class KilledTest {
    private static final int KILLS = 4;
    private static final int GUARD_SECONDS = 300;

    @TempDir Path directory;
    private final List<Process> started = new ArrayList<>();
    private String url = "";

    /**
     * Keeps the server's port from everybody else while no server is there to have it: it is bound
     * and never listens.
     */
    private final Socket port = new Socket();

    @BeforeEach
    void keepAPort() throws IOException {
        port.setReuseAddress(true);
        port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void end() throws InterruptedException, IOException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        port.close();
    }

    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.forebay.cli.Forebay"));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("FOREBAY_SERVER", url);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Process startServer() throws IOException {
        String data = directory.resolve("data").toString();
        String number = String.valueOf(port.getLocalPort());
        Process server = start("serve", "--data", data, "--port", number);
        String line = server.inputReader(UTF_8).readLine();
        assertThat(line).startsWith("listening on ");
        url = line.substring("listening on ".length());
        return server;
    }

    private String output(String... args) throws Exception {
        Process process = start(args);
        String text = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor()).isZero();
        return text;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** Notes every put that was acknowledged, before the writer learns of it. */
    private record Witness(Container inner, Map<BlobName, Md5> acknowledged) implements Container {
        @Override
        public StagedBlob stage(BlobName name) {
            StagedBlob staged = inner.stage(name);
            return new StagedBlob() {
                @Override
                public void write(ByteBuffer piece) {
                    staged.write(piece);
                }

                @Override
                public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
                    PutResult result = staged.commit(expected, metadata);
                    if (result instanceof PutResult.Created && expected != null) {
                        acknowledged.put(name, expected);
                    }
                    return result;
                }

                @Override
                public void close() {
                    staged.close();
                }
            };
        }

        @Override
        public Optional<BlobInfo> head(BlobName name) {
            return inner.head(name);
        }

        @Override
        public Lookup get(BlobName name, Wait wait) {
            return inner.get(name, wait);
        }
    }

    /** Hands out the bytes, and kills and restarts the server at even distances among them. */
    private final class InputWithKills implements ReadableByteChannel {
        private final ReadableByteChannel inner;
        private final int every;
        private int untilKill;
        private Process server;

        InputWithKills(byte[] bytes, Process server) {
            this.inner = Channels.newChannel(new ByteArrayInputStream(bytes));
            this.every = bytes.length / (KILLS + 1);
            this.untilKill = every;
            this.server = server;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (untilKill <= 0) {
                untilKill = every;
                killServer();
            }
            int count = inner.read(target);
            untilKill -= Math.max(0, count);
            return count;
        }

        private void killServer() throws IOException {
            try {
                server.destroyForcibly().waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            server = startServer();
        }

        @Override
        public boolean isOpen() {
            return inner.isOpen();
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }

    @Test
    void writerAndReaderRideOverAServerThatIsKilledAndNothingAcknowledgedIsLost() throws Exception {
        Process server = startServer();
        AccessUrl access =
                new AccessUrl(output("buffer", "access", output("buffer", "create"), "-w"));
        byte[] bytes = random(8 << 20);
        Map<BlobName, Md5> acknowledged = new ConcurrentHashMap<>();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (HttpContainer container = new HttpContainer(AccessUrlSource.fixed(access));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> reader =
                    threads.submit(() ->
                            new BufferReader(container, ReadOptions.defaults())
                                    .read(Channels.newChannel(read)));
            WriteOptions options =
                    WriteOptions.defaults().withDop(4).withBlockSize(ByteSize.of(64 << 10));
            Container witness = new Witness(container, acknowledged);
            assertThatCode(
                            () -> {
                                new BufferWriter(witness, options)
                                        .write(new InputWithKills(bytes, server));
                                reader.get(GUARD_SECONDS, TimeUnit.SECONDS);
                            })
                    .doesNotThrowAnyException();

            assertThat(read.toByteArray()).isEqualTo(bytes);
            assertThat(acknowledged).isNotEmpty();
            acknowledged.forEach((name, md5) ->
                    assertThat(container.head(name).orElseThrow().md5()).isEqualTo(md5));
        }
    }

    @Test
    void whatAKilledWriterFlushedIsReadAndNobodyTakesItForTheWhole() throws Exception {
        startServer();
        String id = output("buffer", "create");
        Process writer = start("buffer", "write", id, "-f", "10ms");
        Process reader = start("buffer", "read", id);
        OutputStream to = writer.getOutputStream();
        to.write("the beginning".getBytes(UTF_8));
        to.flush();
        assertThat(new String(reader.getInputStream().readNBytes(13), UTF_8))
                .isEqualTo("the beginning");

        writer.destroyForcibly().waitFor();

        // Nothing says that the buffer ended, so its reader goes on waiting.
        assertThat(reader.isAlive()).isTrue();
        Process second = start("buffer", "write", id);
        second.getOutputStream().close();
        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(reader.isAlive()).isTrue();
    }

    @Test
    void aKilledReaderDisturbsNobody() throws Exception {
        startServer();
        String id = output("buffer", "create");
        Process writer = start("buffer", "write", id, "-f", "10ms");
        Process reader = start("buffer", "read", id);
        byte[] bytes = random(1 << 20);
        try (OutputStream to = writer.getOutputStream()) {
            to.write(bytes, 0, bytes.length / 2);
            to.flush();
            assertThat(reader.getInputStream().readNBytes(1000)).hasSize(1000);
            reader.destroyForcibly().waitFor();
            to.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
        }
        assertThat(writer.waitFor()).isZero();
        Process next = start("buffer", "read", id);
        assertThat(Arrays.equals(next.getInputStream().readAllBytes(), bytes)).isTrue();
        assertThat(next.waitFor()).isZero();
    }

    @Test
    void aServerThatIsToldToEndEndsWith0() throws Exception {
        Process server = startServer();
        server.destroy();
        assertThat(server.waitFor()).isZero();
    }
}
