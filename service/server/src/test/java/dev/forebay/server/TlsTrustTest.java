package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.identity.AuthorityException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who trusts a server with its own authority, as other programs see it, and what it serves where.
 */
class TlsTrustTest {
    /** Shakes hands without ALPN, as the stock download functions do, and prints two lines. */
    private static final String PYTHON =
            """
            import socket, ssl, sys
            context = ssl.create_default_context(cafile=sys.argv[1])
            with socket.create_connection(("127.0.0.1", int(sys.argv[2])), 60) as raw:
                with context.wrap_socket(raw, server_hostname=sys.argv[3]) as tls:
                    tls.sendall(b"GET /healthcheck HTTP/1.1\\r\\nHost: " + sys.argv[3].encode()
                                + b"\\r\\nConnection: close\\r\\n\\r\\n")
                    print(tls.selected_alpn_protocol())
                    print(tls.makefile("rb").readline().decode())
            """;

    @TempDir Path directory;

    private ServerConfig config(TlsConfig tls) {
        return ServerConfig.of(directory.resolve("data"), 0).withTls(tls);
    }

    private String pem() {
        return directory.resolve("data/keys/authority.pem").toString();
    }

    private static boolean has(String program) {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String run(int exit, String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isEqualTo(exit);
        return said;
    }

    @Test
    void curlTrustsTheAuthorityUnderEachNameAndNothingElse() throws Exception {
        assumeTrue(has("curl"), "curl is not installed");
        try (ForebayServer server =
                ForebayServer.start(
                        config(new TlsConfig("127.0.0.1", 0, List.of("depot.example"))))) {
            int port = server.uris().getLast().getPort();
            for (String host :
                    List.of("127.0.0.1", "localhost", "auth.spot.robot", "depot.example")) {
                for (String version : List.of("--http1.1", "--http2", "--no-alpn")) {
                    String said =
                            run(
                                    0,
                                    "curl",
                                    "-sS",
                                    version,
                                    "--cacert",
                                    pem(),
                                    "--resolve",
                                    host + ":" + port + ":127.0.0.1",
                                    "https://" + host + ":" + port + "/healthcheck");
                    assertThat(said).as("%s %s", host, version).isEqualTo("Healthy");
                }
            }
            assertThat(run(60, "curl", "-sS", server.uris().getLast() + "/healthcheck"))
                    .contains("certificate");
            String other =
                    run(
                            60,
                            "curl",
                            "-sS",
                            "--cacert",
                            pem(),
                            "--resolve",
                            "other.example:" + port + ":127.0.0.1",
                            "https://other.example:" + port + "/healthcheck");
            assertThat(other).contains("other.example");
        }
    }

    @Test
    void pythonShakesHandsWithoutAlpn() throws Exception {
        assumeTrue(has("python3"), "Python is not installed");
        try (ForebayServer server = ForebayServer.start(config(TlsConfig.of(0)))) {
            String port = Integer.toString(server.uris().getLast().getPort());
            for (String host : List.of("localhost", "127.0.0.1", "data-buffer.spot.robot")) {
                assertThat(run(0, "python3", "-c", PYTHON, pem(), port, host))
                        .as(host)
                        .isEqualToIgnoringNewLines("NoneHTTP/1.1 200 OK");
            }
        }
    }

    private static int status(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Test
    void beyondLoopbackOnlyAccessUrlsAreServed() throws Exception {
        try (ForebayServer server =
                ForebayServer.start(config(new TlsConfig("0.0.0.0", 0, List.of())))) {
            URI open = URI.create("https://127.0.0.1:" + server.uris().getLast().getPort());
            server.containers().create("robot");
            String query =
                    server.signer().query("robot", "cr", Instant.now(), Duration.ofMinutes(30));
            try (HttpClient client =
                    Tls.trusting(directory.resolve("data")).client(Version.HTTP_1_1)) {
                for (String path :
                        List.of("/buffers?api-version=1.0", "/metadata", "/healthcheck")) {
                    assertThat(status(client, HttpRequest.newBuilder(URI.create(open + path))))
                            .as(path)
                            .isEqualTo(403);
                }
                URI blob = URI.create(open + "/containers/robot/00/000?" + query);
                HttpRequest.Builder put =
                        HttpRequest.newBuilder(blob).PUT(BodyPublishers.ofString("Hello"));
                assertThat(status(client, put)).isEqualTo(201);
                URI forged = URI.create(blob.toString().replace("sp=cr", "sp=r"));
                assertThat(status(client, HttpRequest.newBuilder(forged))).isEqualTo(403);
            }
        }
    }

    @Test
    void takenTlsPortIsNamedAlone() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();
            for (int start = 0; start < 2; start++) {
                assertThatThrownBy(() -> ForebayServer.start(config(TlsConfig.of(port))))
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith(
                                "cannot listen on port " + port + " of 127.0.0.1 (Address already")
                        .hasMessageContaining("choose another port");
                if (start == 0) {
                    assertThat(directory).isEmptyDirectory();
                    ForebayServer.start(ServerConfig.of(directory.resolve("data"), 0)).close();
                }
            }
        }
        ForebayServer.start(config(TlsConfig.of(0))).close();
    }

    @Test
    void refusedNameLeavesTheDirectoryFree() throws IOException {
        ForebayServer.start(config(TlsConfig.of(0))).close();
        TlsConfig other = new TlsConfig("127.0.0.1", 0, List.of("depot.example"));
        assertThatThrownBy(() -> ForebayServer.start(config(other)))
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining("depot.example");
        ForebayServer.start(config(TlsConfig.of(0))).close();
    }
}
