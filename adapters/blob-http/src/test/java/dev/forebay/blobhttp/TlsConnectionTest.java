package dev.forebay.blobhttp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.blob.BlobName;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A request goes only to the server whose certificate is trusted and bears the name that was asked.
 */
@Timeout(120)
class TlsConnectionTest {
    private static final String PASSWORD = "not secret";
    private static final HttpTimeouts PATIENT =
            new HttpTimeouts(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(1));

    @TempDir private Path folder;

    /** A server with a certificate of its own that answers each request with {@code Hello}. */
    private static final class Server implements AutoCloseable {
        private final SSLServerSocket socket;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<String> heads = new CopyOnWriteArrayList<>();

        Server(KeyStore keys) throws IOException, GeneralSecurityException {
            KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(keys, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            socket =
                    (SSLServerSocket)
                            context.getServerSocketFactory()
                                    .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            var _ = threads.submit(this::accept);
        }

        private Void accept() throws IOException {
            while (!socket.isClosed()) {
                SSLSocket connection = (SSLSocket) socket.accept();
                var _ = threads.submit(() -> serve(connection));
            }
            return null;
        }

        private Void serve(SSLSocket connection) throws IOException {
            try (connection) {
                while (true) {
                    heads.add(RawServer.head(connection.getInputStream()));
                    connection
                            .getOutputStream()
                            .write(
                                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello"
                                            .getBytes(ISO_8859_1));
                }
            }
        }

        HttpCall call(String host) {
            AccessUrl url = new AccessUrl("https://%s:%d".formatted(host, socket.getLocalPort()));
            return new HttpCall(
                    "GET", url.of(new BlobName("blob")), List.of(), Duration.ofMinutes(1));
        }

        @Override
        public void close() throws IOException {
            socket.close();
            threads.shutdownNow();
            threads.close();
        }
    }

    /** Keys whose certificate has this alternative name. */
    private KeyStore keys(String name) throws Exception {
        Path file = Files.createTempDirectory(folder, "keys").resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-alias",
                                "server",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=dns:" + name,
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    /** Trusts the certificate in {@code keys} and no other. */
    private static HttpConnections trusting(KeyStore keys) throws GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        KeyStore only = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            only.load(null, null);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        only.setCertificateEntry("server", keys.getCertificate("server"));
        trust.init(only);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return new HttpConnections(PATIENT, context::getSocketFactory);
    }

    private static String body(HttpConnections connections, HttpCall call) throws IOException {
        HttpConnections.Answered answered = connections.send(call);
        ByteBuffer body = ByteBuffer.allocate(100);
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        for (int count = 0; count >= 0; ) {
            count = answered.body().read(body, end, Duration.ofMinutes(1));
        }
        return UTF_8.decode(body.flip()).toString();
    }

    @Test
    void trustedServerIsAskedAgainOnTheSameConnection() throws Exception {
        KeyStore keys = keys("localhost");
        try (Server server = new Server(keys);
                HttpConnections connections = trusting(keys)) {
            assertThat(body(connections, server.call("localhost"))).isEqualTo("Hello");
            assertThat(body(connections, server.call("localhost"))).isEqualTo("Hello");
            assertThat(server.heads).hasSize(2).allMatch(head -> head.startsWith("GET /blob "));
        }
    }

    @Test
    void serverThatIsNotTrustedGetsNoRequest() throws Exception {
        KeyStore keys = keys("localhost");
        KeyStore others = keys("localhost");
        try (Server server = new Server(keys);
                HttpConnections connections = trusting(others);
                HttpConnections system = new HttpConnections(PATIENT, TlsTrust.ofJava()::sockets)) {
            assertThatThrownBy(() -> connections.send(server.call("localhost")))
                    .isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> system.send(server.call("localhost")))
                    .isInstanceOf(SSLException.class);
            assertThat(server.heads).isEmpty();
        }
    }

    @Test
    void serverWithTheCertificateOfAnotherNameGetsNoRequest() throws Exception {
        KeyStore keys = keys("other.example");
        try (Server server = new Server(keys);
                HttpConnections connections = trusting(keys)) {
            assertThatThrownBy(() -> connections.send(server.call("localhost")))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("localhost");
            assertThat(server.heads).isEmpty();
        }
    }
}
