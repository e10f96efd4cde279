package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.LockedException;
import dev.forebay.identity.User;
import dev.forebay.identity.Users;
import java.io.IOException;
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
            return new SealedCalls(disk, clock, data).ask(request);
        }
    }

    private Path keys() {
        return data.resolve(Storage.KEYS);
    }
}
