package dev.forebay.spot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.identity.Users;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** A log behind TLS at a free port of loopback, with one user. */
final class Loopback implements AutoCloseable {
    static final String USER = "operator";
    static final String PASSWORD = "a password for tests";

    private final Server jetty = new Server();
    final DataLog log;

    /** Only of users and tokens. */
    final ManualClock clock = new ManualClock();

    final Path trust;
    final int port;

    Loopback(Path folder) throws Exception {
        log = DataLog.open(folder.resolve("log"), DataLogSettings.defaults());
        Users users = Users.open(Disk.system(), clock, folder.resolve("keys"));
        users.add(USER, PASSWORD);
        Path store = keys(folder);
        trust = folder.resolve("trust.pem");
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setKeyStorePath(store.toString());
        ssl.setKeyStorePassword(PASSWORD);
        HttpConfiguration http = new HttpConfiguration();
        HttpConnectionFactory one = new HttpConnectionFactory(http);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(one.getProtocol());
        ServerConnector connector =
                new ServerConnector(
                        jetty,
                        new SslConnectionFactory(ssl, alpn.getProtocol()),
                        alpn,
                        new HTTP2ServerConnectionFactory(http),
                        one);
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        jetty.setHandler(
                new SpotHandler(
                        log, users, new Robot("test-serial", "test"), Clock.system(), false));
        jetty.start();
        port = connector.getLocalPort();
    }

    /**
     * Makes a certificate for the names of the services, and the PEM with which clients trust it.
     */
    private Path keys(Path folder) throws Exception {
        Path store = folder.resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                                .toString(),
                                        "-genkeypair",
                                        "-keyalg",
                                        "EC",
                                        "-alias",
                                        "server",
                                        "-dname",
                                        "CN=spot",
                                        "-ext",
                                        "san=dns:*.spot.robot,dns:localhost,ip:127.0.0.1",
                                        "-storetype",
                                        "PKCS12",
                                        "-keystore",
                                        store.toString(),
                                        "-storepass",
                                        PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed: " + said);
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        String body =
                Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(keys.getCertificate("server").getEncoded());
        Files.writeString(
                folder.resolve("trust.pem"),
                "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(body));
        return store;
    }

    @Override
    public void close() throws Exception {
        try (log) {
            jetty.stop();
        }
    }
}
