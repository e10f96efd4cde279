package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import dev.forebay.server.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Commands over TLS, against a server with its own authority. */
final class TlsCommandTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir Path directory;
    private ForebayServer server;
    private String url;
    private String pem;

    @BeforeEach
    void start() throws IOException {
        Path data = directory.resolve("data");
        server = ForebayServer.start(ServerConfig.of(data, 0).withTls(TlsConfig.of(0)));
        url = server.uris().getLast().toString();
        pem =
                Files.writeString(
                                directory.resolve("authority.pem"),
                                CLI.run("log", "trust", "--pem", "--data", data.toString()).text())
                        .toString();
        CLI.variables.remove("FOREBAY_SERVER");
    }

    @AfterEach
    void stop() throws IOException {
        CLI.variables.put("FOREBAY_SERVER", CLI.url());
        CLI.variables.remove("FOREBAY_TLS_CERTIFICATES");
        CLI.run("logout").text();
        server.close();
    }

    private void roundTrip(String... options) throws IOException {
        byte[] bytes = new byte[5 << 20];
        new Random(7).nextBytes(bytes);
        String id = CLI.run(with(options, "buffer", "create")).text();
        Cli.Outcome written = CLI.runWith(bytes, with(options, "buffer", "write", id));
        assertThat(written.code()).as(written.err()).isZero();
        Cli.Outcome read = CLI.run(with(options, "buffer", "read", id));
        assertThat(read.code()).as(read.err()).isZero();
        assertThat(read.data()).isEqualTo(bytes);
        String access = CLI.run(with(options, "buffer", "access", id)).text();
        assertThat(access).contains(url + "/containers/" + id);
    }

    private static String[] with(String[] options, String... command) {
        String[] all = Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        return all;
    }

    @Test
    void loginRemembersWhomToTrust() throws IOException {
        CLI.run("login", url, "--tls-certificates", pem).text();
        assertThat(CLI.run("login", "status").text()).contains(url);
        roundTrip();
    }

    @Test
    void optionAndVariableNameWhomToTrust() throws IOException {
        roundTrip("--server", url, "--tls-certificates", pem);
        CLI.variables.put("FOREBAY_TLS_CERTIFICATES", pem);
        roundTrip("--server", url);
    }

    @Test
    void serverThatIsNotTrustedIsRefusedWithTheNextStep() throws IOException {
        CLI.run("login", url).failedWith(1, "--tls-certificates", "forebay log trust --pem");
        CLI.run("buffer", "create", "--server", url).failedWith(1, "--tls-certificates");
        Path none = Files.writeString(directory.resolve("none"), "no certificate");
        CLI.run("login", url, "--tls-certificates", none.toString())
                .failedWith(1, "expected certificates as PEM");
    }
}
