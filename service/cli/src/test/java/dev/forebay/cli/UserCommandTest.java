package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.identity.Login;
import dev.forebay.identity.Users;
import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import dev.forebay.server.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands on users: with a server that has the directory, and without one. */
final class UserCommandTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir Path directory;

    private String data() {
        return directory.resolve("data").toString();
    }

    private Login login(String name, String password) throws IOException {
        return Users.open(Disk.system(), Clock.system(), directory.resolve("data/keys"))
                .login(name, password, "here");
    }

    @Test
    void usersAreAddedChangedAndRemovedWithoutAServer() throws IOException {
        Path file = Files.writeString(directory.resolve("password"), "won der\nland\n");
        CLI.run("user", "add", "alice", "--data", data(), "--password-file", file.toString())
                .text();
        assertThat(login("alice", "won der\nland")).isInstanceOf(Login.Granted.class);
        CLI.runWith(
                        "second\r\n".getBytes(UTF_8),
                        "user",
                        "password",
                        "alice",
                        "--data",
                        data(),
                        "--password-file",
                        "-")
                .text();
        assertThat(login("alice", "second")).isInstanceOf(Login.Granted.class);
        assertThat(CLI.run("user", "list", "--data", data()).text()).startsWith("alice  20");
        assertThat(CLI.run("user", "list", "--data", data(), "--format", "json").array())
                .hasSize(1)
                .first()
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("name", "alice")
                .containsKey("passwordSet");
        assertThat(CLI.run("user", "list", "--data", data(), "--format", "table").text())
                .matches("NAME +PASSWORDSET\\nalice  20\\S+");
        CLI.run("user", "remove", "alice", "--data", data()).text();
        assertThat(CLI.run("user", "list", "--data", data()).text()).isEmpty();
    }

    @Test
    void runningServerIsAsked() {
        String running = CLI.directory().resolve("data").toString();
        CLI.runWith(
                        "pass\n".getBytes(UTF_8),
                        "user",
                        "add",
                        "bob",
                        "--data",
                        running,
                        "--password-file",
                        "-")
                .text();
        assertThat(CLI.run("user", "list", "--data", running).text()).startsWith("bob  ");
        CLI.runWith(
                        "pass\n".getBytes(UTF_8),
                        "user",
                        "add",
                        "bob",
                        "--data",
                        running,
                        "--password-file",
                        "-")
                .failedWith(1, "there is a user 'bob' already", "forebay user password bob");
        CLI.run("user", "remove", "bob", "--data", running).text();
    }

    @Test
    void badPasswordsAreRefusedAndNotShown() throws IOException {
        String[] add = {"user", "add", "alice", "--data", data(), "--password-file", "-"};
        CLI.runWith("\n".getBytes(UTF_8), add).failedWith(1, "password of 1 to 1024 characters");
        CLI.runWith(new byte[] {'x', (byte) 0xff}, add).failedWith(1, "password in UTF-8");
        CLI.runWith(new byte[10_000], add).failedWith(1, "at most 8192 bytes");
        CLI.run("user", "add", "alice", "--data", data(), "--password-file", data() + "/none")
                .failedWith(1, "there is no file or folder");
        CLI.run("user", "add", "alice", "--data", data())
                .failedWith(2, "Missing required option: '--password-file");
        CLI.runWith(
                        "x".getBytes(UTF_8),
                        "user",
                        "add",
                        "a b",
                        "--data",
                        data(),
                        "--password-file",
                        "-")
                .failedWith(1, "expected a user name of 1 to 64", "found 'a b'");
    }

    @Test
    void trustPrintsTheCertificateOrHowToUseIt() throws IOException {
        CLI.run("log", "trust", "--data", data())
                .failedWith(1, "no certificate authority", "forebay serve --data " + data());
        ForebayServer.start(ServerConfig.of(directory.resolve("data"), 0).withTls(TlsConfig.of(0)))
                .close();
        String pem = CLI.run("log", "trust", "--pem", "--data", data()).text();
        assertThat(pem)
                .startsWith("-----BEGIN CERTIFICATE-----")
                .endsWith("-----END CERTIFICATE-----")
                .doesNotContain("PRIVATE KEY");
        assertThat(CLI.run("log", "trust", "--data", data()).text())
                .contains(data() + "/keys/authority.pem")
                .contains("cert_resource_glob=", "--cacert", "--tls-port 443", "forebay user add");
    }
}
