package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections on which no handshake comes to an end are closed. */
class HandshakeTest {
    private static final int GUARD_MILLIS = 120_000;
    private static final int SOCKETS = 200;

    @TempDir Path directory;

    private HttpListeners start(Duration handshake) throws IOException {
        return start(handshake, 2 * SOCKETS);
    }

    private HttpListeners start(Duration handshake, int mostConnections) throws IOException {
        Logging.toStandardError(ServerLog.DEFAULT);
        Listener listener =
                new Listener(
                        "127.0.0.1",
                        0,
                        Protocols.tls(Tls.authority(directory).serverContext(), handshake),
                        Optional.empty(),
                        new HostRule("127.0.0.1", Optional.empty()),
                        false,
                        List.of(),
                        Optional.empty());
        return HttpListeners.start(
                List.of(listener),
                Duration.ofSeconds(30),
                new FaultLog(new ManualClock()),
                new RequestCounts(),
                mostConnections);
    }

    /** Opens connections on which nothing is sent. */
    private static List<Socket> connectSilently(URI server, int count) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(connect(server));
        }
        return sockets;
    }

    /** Asks for a page over TLS on a new connection; true if there is an answer. */
    private boolean isAnswered(Socket socket, URI server) throws Exception {
        try (SSLSocket tls =
                (SSLSocket)
                        Tls.trusting(directory)
                                .context()
                                .getSocketFactory()
                                .createSocket(socket, server.getHost(), server.getPort(), true)) {
            tls.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(US_ASCII));
            return tls.getInputStream().read() == 'H';
        }
    }

    private static Socket connect(URI server) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), GUARD_MILLIS);
        socket.setSoTimeout(GUARD_MILLIS);
        return socket;
    }

    /** Blocks until the server closes the connection; fails if it does not. */
    private static void awaitClosed(Socket socket) throws IOException {
        try (socket) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void connectionsThatSendNothingOrHalfAHandshakeAreClosed() throws Exception {
        try (HttpListeners http = start(Duration.ofMillis(500))) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < SOCKETS; i++) {
                Socket socket = connect(http.uris().getFirst());
                if (i % 2 == 1) {
                    // The beginning of a record with a handshake of 512 bytes.
                    socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0});
                }
                sockets.add(socket);
            }
            for (Socket socket : sockets) {
                awaitClosed(socket);
            }
        }
    }

    @Test
    void connectionWhoseHandshakeEndedStaysOpen() throws Exception {
        try (HttpListeners http = start(Duration.ofSeconds(1))) {
            URI server = http.uris().getFirst();
            boolean shaken = false;
            for (int attempt = 0; attempt < 20 && !shaken; attempt++) {
                // On a machine that is too slow for the limit the handshake is repeated.
                try (SSLSocket socket =
                        (SSLSocket)
                                Tls.trusting(directory)
                                        .context()
                                        .getSocketFactory()
                                        .createSocket(server.getHost(), server.getPort())) {
                    socket.setSoTimeout(GUARD_MILLIS);
                    socket.startHandshake();
                    try (Socket silent = connect(server)) {
                        awaitClosed(silent); // So the time is over for the first one, too.
                    }
                    socket.getOutputStream()
                            .write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(US_ASCII));
                    shaken = socket.getInputStream().read() == 'H';
                } catch (IOException e) {
                    assertThat(attempt).as("attempts, the last: %s", e).isLessThan(19);
                }
            }
            assertThat(shaken).isTrue();
        }
    }

    @Test
    void connectionsBeyondTheLimitWaitUntilOthersClose() throws Exception {
        try (HttpListeners http = start(Duration.ofMinutes(5), 20)) {
            URI server = http.uris().getFirst();
            // A few more than the limit: one may be accepted while the limit is reached.
            List<Socket> silent = connectSilently(server, 25);
            try (Socket early = connect(server)) {
                early.setSoTimeout(1000);
                assertThatThrownBy(() -> isAnswered(early, server))
                        .isInstanceOf(SocketTimeoutException.class);
            }
            try (Socket client = connect(server)) {
                for (Socket socket : silent) {
                    socket.close();
                }
                assertThat(isAnswered(client, server)).isTrue();
            }
        }
    }

    @Test
    void clientGetsInThoughSilentConnectionsHaveReachedTheLimit() throws Exception {
        try (HttpListeners http = start(Duration.ofSeconds(2), 20)) {
            URI server = http.uris().getFirst();
            List<Socket> silent = connectSilently(server, 50);
            boolean answered = false;
            for (int attempt = 0; attempt < 20 && !answered; attempt++) {
                // On a machine that is too slow for the limit the handshake is repeated.
                try (Socket client = connect(server)) {
                    answered = isAnswered(client, server);
                } catch (IOException e) {
                    assertThat(attempt).as("attempts, the last: %s", e).isLessThan(19);
                }
            }
            assertThat(answered).isTrue();
            for (Socket socket : silent) {
                awaitClosed(socket);
            }
        }
    }
}
