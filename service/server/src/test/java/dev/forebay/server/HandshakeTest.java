package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
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
                new RequestCounts());
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
}
