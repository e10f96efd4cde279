package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.forebay.base.Clock;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.client.ForebayClient;
import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Transfers by ID that begin while their server restarts. */
@EnabledOnOs(OS.LINUX) // Elsewhere a server cannot have a port that another socket keeps for it.
final class ServerRestartTest {
    private final Socket port = new Socket();

    @TempDir private Path directory;
    private @Nullable ForebayServer server;

    @BeforeEach
    void keepAPort() throws IOException {
        port.setReuseAddress(true);
        port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void end() throws IOException {
        stop();
        port.close();
    }

    private String url() {
        return "http://127.0.0.1:" + port.getLocalPort();
    }

    private void startServer() {
        try {
            ServerConfig config = ServerConfig.of(directory, port.getLocalPort());
            server = ForebayServer.start(config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stop() throws IOException {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /** Runs the command, and starts the server once the command said that it tries again. */
    private byte[] runAcrossStart(String input, String... args) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        StringWriter err =
                new StringWriter() {
                    @Override
                    public void write(String text, int from, int length) {
                        super.write(text, from, length);
                        if (text.contains("trying again") && server == null) {
                            startServer();
                        }
                    }
                };
        Shell shell =
                new Shell(
                        Map.of("FOREBAY_SERVER", url(), "XDG_CONFIG_HOME", directory.toString())
                                ::get,
                        () -> Channels.newChannel(new ByteArrayInputStream(input.getBytes(UTF_8))),
                        () -> Channels.newChannel(data),
                        new PrintWriter(new StringWriter(), true),
                        new PrintWriter(err, true),
                        () -> false,
                        _ -> Optional.empty());
        assertThat(Forebay.run(shell, args)).as(err.toString()).isZero();
        assertThat(err.toString())
                .startsWith("Warning: the server at " + url() + " does not answer")
                .containsOnlyOnce("trying again");
        return data.toByteArray();
    }

    @Test
    void writeAndReadByIdRideOverServerThatStartsAgain() throws IOException {
        startServer();
        String id = new ForebayClient(URI.create(url())).create(Map.of()).id();
        stop();
        runAcrossStart("some data", "buffer", "write", id);
        stop();
        assertThat(runAcrossStart("", "buffer", "read", id)).asString().isEqualTo("some data");
    }

    /** Time passes only while the thread sleeps, and then at once. */
    static final class SleeperClock implements Clock {
        private long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public Instant wall() {
            return Instant.EPOCH.plusNanos(nanos);
        }

        @Override
        public void await(Lock lock, Condition condition, long deadlineNanos) {
            nanos = Math.max(nanos, deadlineNanos);
        }
    }

    @Test
    void requestIsGivenUpAfterTheRetryTimeWithItsReason() {
        SleeperClock clock = new SleeperClock();
        List<String> warnings = new ArrayList<>();
        ServerRestart restart = new ServerRestart(clock, Duration.ofSeconds(10), warnings::add);
        ForebayClient client = new ForebayClient(URI.create(url()));
        assertThatThrownBy(() -> restart.rideOver(() -> client.create(Map.of())))
                .isInstanceOf(ControlPlaneException.class)
                .hasMessageContaining("does not answer");
        assertThat(warnings).hasSize(1);
        assertThat(Duration.ofNanos(clock.nanos()))
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12));
    }

    @Test
    void answerOfAnotherKindIsNotAskedForAgain() throws IOException {
        ServerRestart restart =
                new ServerRestart(
                        new SleeperClock(),
                        Duration.ofSeconds(10),
                        said -> fail("tried again: " + said));
        try (ForeignServer other = ForeignServer.answering("500 Oops", "{}")) {
            ForebayClient client = new ForebayClient(URI.create(other.url()));
            assertThatThrownBy(() -> restart.rideOver(() -> client.create(Map.of())))
                    .hasMessageContaining("is it a Forebay server?");
        }
    }
}
