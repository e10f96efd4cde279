package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import dev.forebay.server.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Commands behind a proxy that wants a name and a password: requests, and the data of buffers. */
final class ProxyTest {
    @RegisterExtension static final Cli CLI = new Cli();

    /** The name {@code me} with the password {@code s@cret}. */
    private static final String AUTHORIZATION = "Basic bWU6c0BjcmV0";

    @TempDir static Path directory;
    private static ForebayServer server;
    private static String https;
    private static String pem;

    private SmallProxy proxy;
    private String url;

    @BeforeAll
    static void serve() throws IOException {
        server = ForebayServer.start(ServerConfig.of(Path.of(data()), 0).withTls(TlsConfig.of(0)));
        https = server.uris().getLast().toString();
        pem =
                Files.writeString(
                                directory.resolve("authority.pem"),
                                CLI.run("log", "trust", "--pem", "--data", data()).text())
                        .toString();
    }

    private static String data() {
        return directory.resolve("data").toString();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void open() {
        CLI.variables.remove("FOREBAY_SERVER");
        proxy = new SmallProxy(AUTHORIZATION);
        url = "http://me:s%40cret@" + proxy.place();
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        CLI.run("logout").text();
        CLI.variables.put("FOREBAY_SERVER", CLI.url());
        CLI.variables.remove("HTTPS_PROXY");
    }

    private static void roundTrip() {
        byte[] bytes = new byte[100_000];
        new Random(11).nextBytes(bytes);
        String id = CLI.run("buffer", "create").text();
        Cli.Outcome written = CLI.runWith(bytes, "buffer", "write", id, "--block-size", "20K");
        assertThat(written.code()).as(written.err()).isZero();
        Cli.Outcome read = CLI.run("buffer", "read", id);
        assertThat(read.code()).as(read.err()).isZero();
        assertThat(read.data()).isEqualTo(bytes);
    }

    private static String authority(String server) {
        return server.substring(server.indexOf("//") + 2);
    }

    @Test
    void tunnelsCarryAllThatGoesToAnHttpsServer() throws IOException {
        CLI.run("login", https, "--tls-certificates", pem, "--proxy", url).text();
        assertThat(proxy.lines()).containsExactly("connect " + authority(https));
        roundTrip();
        assertThat(proxy.lines()).hasSizeGreaterThan(5).containsOnly("connect " + authority(https));
        assertThat(CLI.run("login", "status").text())
                .contains("Proxy: http://" + proxy.place())
                .doesNotContain("cret");
        assertThat(CLI.run("login", "status", "--format", "json").field("proxy"))
                .isEqualTo("http://" + proxy.place());
        Cli.Outcome traced = CLI.run("buffer", "list", "--log-level", "trace");
        assertThat(traced.err()).contains("Debug: GET https://").doesNotContain("cret", "bWU6");
        assertThat(CLI.run("doctor").out()).contains(proxy.place()).doesNotContain("cret");

        proxy.close();
        CLI.run("buffer", "list").failedWith(1, "the proxy " + proxy.place(), "is it running");
        assertThat(CLI.run("buffer", "list", "--proxy", "none").code()).isZero();
    }

    @Test
    void requestsToAnHttpServerNameItWhole() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("login.yaml"),
                        "serverUrl: %s%nproxy: %s%n".formatted(CLI.url(), url));
        CLI.run("login", "-f", file.toString()).text();
        roundTrip();
        assertThat(proxy.lines())
                .contains("get " + CLI.url() + "/metadata")
                .anyMatch(line -> line.startsWith("put " + CLI.url() + "/containers/"))
                .anyMatch(line -> line.startsWith("get " + CLI.url() + "/containers/"))
                .allMatch(line -> line.contains(" " + CLI.url() + "/"));
        proxy.close();
        CLI.run("buffer", "list").failedWith(1, "the proxy " + proxy.place(), "is it running");
    }

    @Test
    void proxyThatWantsAnotherNameIsSaid() throws IOException {
        String wrong = "http://me:wrong@" + proxy.place();
        for (String place : new String[] {https, CLI.url()}) {
            CLI.run("buffer", "list", "--server", place, "--proxy", wrong)
                    .failedWith(1, "the proxy " + proxy.place(), "407", "NAME:PASSWORD");
        }
        String access = https + "/containers/none?sig=x";
        CLI.run("buffer", "read", access, "--tls-certificates", pem, "--proxy", wrong)
                .failedWith(1, "the proxy " + proxy.place(), "407", "NAME:PASSWORD");
        CLI.run("buffer", "read", access.replace(https, CLI.url()), "--proxy", wrong)
                .failedWith(1, "the proxy " + proxy.place(), "407", "NAME:PASSWORD");
        CLI.run("buffer", "list", "--server", https, "--proxy", "socks5://me:wrong@x")
                .failedWith(2, "--proxy: ", "'socks5://...@x'", "or auto, or none");
        for (String place : new String[] {https, CLI.url()}) {
            CLI.run(
                            with(
                                    logStatus(),
                                    "--server",
                                    place,
                                    "--tls-certificates",
                                    pem,
                                    "--proxy",
                                    wrong))
                    .failedWith(1, "the proxy " + proxy.place(), "407", "NAME:PASSWORD");
        }
    }

    @Test
    void logIsReachedThroughTheSameProxies() throws IOException {
        String password =
                Files.writeString(directory.resolve("password"), "a long enough password")
                        .toString();
        CLI.run("user", "add", "me", "--data", data(), "--password-file", password).text();
        String[] status = {"log", "status", "--user", "me", "--password-file", password};
        CLI.run("login", https, "--tls-certificates", pem, "--proxy", url).text();
        assertThat(CLI.run(status).text()).contains("\"pages\"");
        assertThat(proxy.lines()).hasSizeGreaterThan(2).containsOnly("connect " + authority(https));

        String http = server.uri().toString();
        assertThat(CLI.run(with(status, "--server", http)).code()).isZero();
        assertThat(proxy.lines()).contains("post " + http + "/log/v1/login");
        proxy.close();
        CLI.run(status).failedWith(1, "the proxy " + proxy.place(), "is it running");
        assertThat(CLI.run(with(status, "--proxy", "none")).code()).isZero();
    }

    @Test
    void passwordDoesNotGoUnencryptedToAProxyElsewhere() throws IOException {
        String password = Files.writeString(directory.resolve("secret"), "s3cret").toString();
        CLI.run(
                        "log",
                        "status",
                        "--user",
                        "me",
                        "--password-file",
                        password,
                        "--server",
                        server.uri().toString(),
                        "--proxy",
                        "http://192.0.2.1:3128")
                .failedWith(2, "192.0.2.1:3128 unencrypted", "--proxy none");
    }

    private static String[] logStatus() throws IOException {
        Path password = Files.writeString(directory.resolve("password"), "a long enough password");
        return new String[] {
            "log", "status", "--user", "me", "--password-file", password.toString()
        };
    }

    private static String[] with(String[] line, String... more) {
        return Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void environmentHoldsUnlessTheServerIsHere() {
        CLI.variables.put("HTTPS_PROXY", "http://me:wrong@" + proxy.place());
        CLI.run("login", https, "--tls-certificates", pem, "--proxy", "auto").text();
        assertThat(proxy.heads).isEmpty();
        // Nothing is looked up: the proxy is asked for a name that only it could know.
        CLI.run("buffer", "list", "--server", "https://far.invalid")
                .failedWith(1, "the proxy " + proxy.place(), "407");
        assertThat(proxy.lines()).containsExactly("connect far.invalid:443");
    }
}
