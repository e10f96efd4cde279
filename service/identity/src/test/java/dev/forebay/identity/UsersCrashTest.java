package dev.forebay.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was acknowledged of users and tokens holds after a crash at any call. */
class UsersCrashTest {
    private static final Path KEYS = Path.of("/keys");

    private final ManualClock clock = new ManualClock();

    /**
     * A change that returned.
     *
     * @param user whose password now is {@code password}
     * @param password empty if the user is gone
     * @param token good with that password; empty if the user is gone
     */
    private record Ack(String user, String password, String token) {}

    private Users open(SimulatedDisk disk) throws IOException {
        HashGate gate = new HashGate(clock, 4, 4, Users.PATIENCE);
        return Users.open(disk, clock, KEYS, 1, gate);
    }

    private static Ack ack(Users users, String name, String password) {
        Login.Granted granted = (Login.Granted) users.login(name, password, "here");
        return new Ack(name, password, granted.token());
    }

    private void work(SimulatedDisk disk, CrashMatrix.Acks<Ack> acks) throws IOException {
        Users users = open(disk);
        users.add("alice", "one");
        acks.add(ack(users, "alice", "one"));
        users.add("bob", "two");
        acks.add(ack(users, "bob", "two"));
        users.changePassword("alice", "three");
        acks.add(ack(users, "alice", "three"));
        users.remove("bob");
        acks.add(new Ack("bob", "", ""));
        users.add("bob", "four");
        acks.add(ack(users, "bob", "four"));
    }

    /** Each user is as the last acknowledged change says, or as the one after it. */
    private void check(SimulatedDisk disk, List<Ack> acks) throws IOException {
        Users users = open(disk);
        // One change may have been under way; it concerns one user.
        List<String> states = users.list().stream().map(User::name).toList();
        for (int i = 0; i < acks.size(); i++) {
            Ack ack = acks.get(i);
            boolean last =
                    acks.stream().skip(i + 1L).noneMatch(later -> later.user.equals(ack.user));
            boolean undecided = next(acks.size()).equals(ack.user);
            if (!last) {
                assertThat(users.userOf(ack.token)).as("an older token of %s", ack).isEmpty();
            } else if (!undecided) {
                assertThat(states.contains(ack.user)).isEqualTo(!ack.password.isEmpty());
                if (!ack.password.isEmpty()) {
                    assertThat(users.userOf(ack.token)).contains(ack.user);
                    assertThat(users.login(ack.user, ack.password, "here"))
                            .isInstanceOf(Login.Granted.class);
                }
            }
        }
        users.add("carol", "goes on");
        assertThat(open(disk).list()).contains(users.list().toArray(new User[0]));
    }

    /** The user whom the change after {@code count} acknowledged ones concerns. */
    private static String next(int count) {
        return List.of("alice", "bob", "alice", "bob", "bob", "").get(count);
    }

    @Test
    void changesSurviveACrashAtAnyCall() throws Exception {
        int images = CrashMatrix.randoms(4).run(this::work, this::check);
        assertThat(images).isGreaterThan(150);
    }

    @Test
    void openingSurvivesACrashOfItsOwn() throws Exception {
        int images =
                CrashMatrix.randoms(1)
                        .runTwice(this::work, (disk, acks) -> open(disk), this::check);
        assertThat(images).isGreaterThan(500);
    }
}
