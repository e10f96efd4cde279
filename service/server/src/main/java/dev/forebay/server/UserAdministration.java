package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.LockedException;
import dev.forebay.base.Reason;
import dev.forebay.identity.AdminKey;
import dev.forebay.identity.User;
import dev.forebay.identity.Users;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The users of a data directory, for commands: in the directory itself while no server has it, and
 * otherwise by asking that server, with the key that only the directory's user can read.
 *
 * <p><b>Guarantee.</b> A change that returned survives a power cut, and a running server knows of
 * it. <b>Limit.</b> A server that starts or ends at this moment may not answer; the message says
 * so. Blocks.
 */
public final class UserAdministration {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int LARGEST_ANSWER = 1 << 20;

    private final Disk disk;
    private final Clock clock;
    private final Path data;

    private UserAdministration(Disk disk, Clock clock, Path data) {
        this.disk = disk;
        this.clock = clock;
        this.data = data;
    }

    /** Of the directory {@code data}, which is made if it is missing. */
    public static UserAdministration of(Path data) {
        return new UserAdministration(Disk.system(), Clock.system(), data);
    }

    public void add(String name, String password) throws IOException {
        call(UserRequests.of("add", name, password));
    }

    public void changePassword(String name, String password) throws IOException {
        call(UserRequests.of("password", name, password));
    }

    public void remove(String name) throws IOException {
        call(UserRequests.of("remove", name, ""));
    }

    /** The users by name. */
    public List<User> list() throws IOException {
        return UserRequests.users(call(UserRequests.of("list", "", ""))).stream()
                .map(each ->
                        new User(
                                String.valueOf(each.get("name")),
                                Instant.parse(String.valueOf(each.get("passwordSet")))))
                .toList();
    }

    private Map<String, Object> call(Map<String, Object> request) throws IOException {
        Map<String, Object> answer = answer(request);
        if (answer.get(UserRequests.REFUSED) instanceof String why) {
            throw new IOException(why);
        }
        return answer;
    }

    private Map<String, Object> answer(Map<String, Object> request) throws IOException {
        DataDirectory.prepare(disk, data);
        try (Disk.AutoCloseableLock _ = disk.lock(data.resolve(Storage.LOCK))) {
            return UserRequests.answer(Users.open(disk, clock, keys()), request);
        } catch (LockedException e) {
            return ask(AdminKey.existing(disk, keys()), request);
        }
    }

    private Path keys() {
        return data.resolve(Storage.KEYS);
    }

    private Map<String, Object> ask(AdminKey key, Map<String, Object> request) throws IOException {
        request.put("time", clock.wall().toString());
        byte[] message = key.seal(PlainJson.write(request), AdminFace.REQUEST);
        URI server = key.server();
        byte[] answer = exchange(server, message);
        try {
            return PlainJson.readObject(
                    key.unseal(answer, AdminKey.nonce(message))
                            .orElseThrow(() ->
                                    new IOException(
                                            "what answers at %s is not the server that has %s: %s"
                                                    .formatted(server, data, refusal(answer)))));
        } catch (WireFormatException e) {
            throw new IOException("the server at %s sent no answer".formatted(server), e);
        }
    }

    private static byte[] exchange(URI server, byte[] message) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(server + AdminFace.PATH).toURL().openConnection();
        connection.setConnectTimeout(PATIENCE_MILLIS);
        connection.setReadTimeout(PATIENCE_MILLIS);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", AdminFace.TYPE);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(message.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(message);
        } catch (IOException e) {
            throw unanswered(server, e);
        }
        try (InputStream in =
                connection.getResponseCode() < 400
                        ? connection.getInputStream()
                        : connection.getErrorStream()) {
            return in == null ? new byte[0] : in.readNBytes(LARGEST_ANSWER);
        } catch (IOException e) {
            throw unanswered(server, e);
        }
    }

    private static IOException unanswered(URI server, IOException e) {
        return new IOException(
                "a server has the directory and does not answer at %s: %s; does it start or end just now? try again"
                        .formatted(server, Reason.of(e)),
                e);
    }

    /**
     * What the server says against a request, without a seal: good for a message, not to act on.
     */
    private static String refusal(byte[] answer) {
        String none = "its answer is not sealed with the key there";
        try {
            return PlainJson.readObject(answer).get("error") instanceof Map<?, ?> error
                    ? String.valueOf(error.get("message"))
                    : none;
        } catch (WireFormatException e) {
            return none;
        }
    }
}
