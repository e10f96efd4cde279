package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.identity.AdminKey;
import dev.forebay.identity.Login;
import dev.forebay.identity.User;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserAdministrationTest {
    @TempDir Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    private ForebayServer start() throws IOException {
        return ForebayServer.start(ServerConfig.of(data(), 0));
    }

    private AdminKey key() throws IOException {
        return AdminKey.existing(Disk.system(), data().resolve("keys"));
    }

    @Test
    void usersAddedWithoutAServerAreThoseOfTheServer() throws IOException {
        UserAdministration administration = UserAdministration.of(data());
        administration.add("alice", "wonderland");
        try (ForebayServer server = start()) {
            assertThat(server.users().login("alice", "wonderland", "here"))
                    .isInstanceOf(Login.Granted.class);
        }
        administration.remove("alice");
        assertThat(administration.list()).isEmpty();
    }

    @Test
    void runningServerIsAskedAndKnowsAtOnce() throws IOException {
        UserAdministration administration = UserAdministration.of(data());
        try (ForebayServer server = start()) {
            administration.add("alice", "wonderland");
            Login.Granted granted =
                    (Login.Granted) server.users().login("alice", "wonderland", "here");
            assertThat(administration.list()).isEqualTo(server.users().list());
            administration.changePassword("alice", "looking glass");
            assertThat(server.users().userOf(granted.token())).isEmpty();
            assertThat(server.users().login("alice", "looking glass", "here"))
                    .isInstanceOf(Login.Granted.class);
            assertThatThrownBy(() -> administration.add("alice", "x"))
                    .hasMessageContaining("there is a user 'alice' already")
                    .hasMessageContaining("forebay user password alice");
            administration.add("bob", "builder");
            administration.remove("alice");
        }
        assertThat(administration.list()).extracting(User::name).containsExactly("bob");
        assertThatThrownBy(() -> administration.remove("alice"))
                .hasMessageContaining("there is no user 'alice'");
    }

    @Test
    void keyIsForItsUserAlone() throws IOException {
        start().close();
        Path key = data().resolve("keys/admin.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    private static HttpResponse<byte[]> post(URI server, byte[] body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server + AdminFace.PATH))
                            .POST(BodyPublishers.ofByteArray(body))
                            .build();
            return client.send(request, BodyHandlers.ofByteArray());
        }
    }

    private byte[] sealed(AdminKey key, Instant time) {
        Map<String, Object> request = UserRequests.of("add", "mallory", "x");
        request.put("time", time.toString());
        return key.seal(PlainJson.write(request), AdminFace.REQUEST);
    }

    @Test
    void requestThatDoesNotProveItselfIsRefused() throws Exception {
        try (ForebayServer server = start()) {
            Instant now = Clock.system().wall();
            AdminKey other =
                    AdminKey.open(Disk.system(), Files.createDirectory(directory.resolve("other")));
            byte[] flipped = sealed(key(), now);
            flipped[flipped.length - 1] ^= 1;
            byte[] elsewhere =
                    key().seal(PlainJson.write(UserRequests.of("add", "m", "x")), new byte[1]);
            byte[][] bad = {
                sealed(other, now),
                flipped,
                elsewhere,
                new byte[0],
                "{}".getBytes(US_ASCII),
                sealed(key(), now.minus(AdminFace.WINDOW).minusSeconds(1)),
                sealed(key(), now.plus(AdminFace.WINDOW).plusSeconds(60)),
            };
            for (byte[] body : bad) {
                assertThat(post(server.uri(), body).statusCode()).isEqualTo(403);
            }
            assertThat(post(server.uri(), new byte[1 << 20]).statusCode()).isEqualTo(413);
            assertThat(server.users().list()).isEmpty();
        }
    }

    @Test
    void requestIsTakenOnce() throws Exception {
        try (ForebayServer server = start()) {
            byte[] message = sealed(key(), Clock.system().wall());
            HttpResponse<byte[]> answer = post(server.uri(), message);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(key().unseal(answer.body(), AdminKey.nonce(message))).isPresent();
            server.users().remove("mallory");
            assertThat(post(server.uri(), message).statusCode()).isEqualTo(403);
            assertThat(server.users().list()).isEmpty();
        }
    }

    /** A program that took the port of a server learns nothing and is not believed. */
    @Test
    void foreignServerIsNotBelieved() throws Exception {
        Path other = directory.resolve("other");
        try (ForebayServer real = start();
                ForebayServer foreign = ForebayServer.start(ServerConfig.of(other, 0))) {
            key().announce(foreign.uri());
            assertThatThrownBy(() -> UserAdministration.of(data()).add("alice", "wonderland"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(foreign.uri() + " is not the server that has " + data());
            assertThat(foreign.users().list()).isEmpty();
            assertThat(real.users().list()).isEmpty();
        }
    }
}
