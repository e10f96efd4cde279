package dev.forebay.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.PoisonedException;
import dev.forebay.identity.IdentityException.Kind;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UsersTest {
    private static final Path KEYS = Path.of("/keys");
    private static final int GUARD_SECONDS = 120;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualClock clock = new ManualClock();
    private final HashGate gate = new HashGate(clock, 1, 1, Users.PATIENCE);
    private Users users;

    @BeforeEach
    void open() throws IOException {
        users = reopened();
        users.add("alice", "wonderland");
        users.add("bob", "builder");
    }

    private Users reopened() throws IOException {
        return Users.open(disk, clock, KEYS, 2, gate);
    }

    private Login login(String name, String password) {
        return users.login(name, password, "10.0.0.1");
    }

    private String token(String name, String password) {
        return ((Login.Granted) login(name, password)).token();
    }

    @Test
    void rightPasswordGrantsTokenOfThatUser() {
        Login.Granted granted = (Login.Granted) login("alice", "wonderland");
        assertThat(users.userOf(granted.token())).contains("alice");
        assertThat(granted.expires())
                .isBetween(
                        clock.wall().plus(Users.TOKEN_LIFETIME).minusSeconds(1),
                        clock.wall().plus(Users.TOKEN_LIFETIME));
    }

    @Test
    void wrongPasswordAndUnknownUserAreAnsweredAlike() {
        assertThat(login("alice", "builder")).isEqualTo(new Login.WrongPassword());
        assertThat(login("carol", "builder")).isEqualTo(new Login.WrongPassword());
        assertThat(login("alice", "")).isEqualTo(new Login.WrongPassword());
        assertThat(login("", "")).isEqualTo(new Login.WrongPassword());
        assertThat(login("bob", "b".repeat(1 << 20))).isEqualTo(new Login.WrongPassword());
        assertThat(login("x".repeat(1 << 20), "-")).isEqualTo(new Login.WrongPassword());
    }

    @Test
    void unknownUserTakesAsLongAsKnownOne() throws IOException {
        Users slow = Users.open(new SimulatedDisk(), clock, KEYS, 50_000, gate);
        slow.add("alice", "wonderland");
        cpu(slow, "alice"); // Has it compiled.
        long known = cpu(slow, "alice");
        long unknown = cpu(slow, "carol");
        assertThat(unknown).isGreaterThan(known / 4);
    }

    /** Processor time of one login with a wrong password, in nanoseconds. */
    private static long cpu(Users users, String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        assertThat(users.login(name, "wrong", "there")).isEqualTo(new Login.WrongPassword());
        return threads.getCurrentThreadCpuTime() - before;
    }

    @Test
    void openDemandsSixHundredThousandRounds() throws IOException {
        SimulatedDisk fresh = new SimulatedDisk();
        Users.open(fresh, clock, KEYS).add("alice", "wonderland");
        assertThat(stored(fresh)).contains(" pbkdf2-hmac-sha256 600000 ");
    }

    private static String stored(Disk disk) throws IOException {
        return new String(
                KeyDirectory.open(disk, KEYS).read(AccountsFile.NAME).orElseThrow(), UTF_8);
    }

    @Test
    void equalPasswordsAreStoredDifferently() throws IOException {
        users.changePassword("bob", "wonderland");
        List<String> hashes = stored(disk).lines().filter(line -> line.contains("pbkdf2")).toList();
        assertThat(hash(hashes.get(0))).isNotEqualTo(hash(hashes.get(1)));
        assertThat(stored(disk)).doesNotContain("wonderland");
    }

    /** The last word of a user's line. */
    private static String hash(String line) {
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    @Test
    void sixthFailureLocksOutForAMinute() {
        for (int i = 0; i < 6; i++) {
            assertThat(login("alice", "guess " + i)).isEqualTo(new Login.WrongPassword());
        }
        assertThat(login("alice", "wonderland"))
                .isEqualTo(new Login.LockedOut(clock.wall().plusSeconds(60)));
        clock.advance(Duration.ofSeconds(60).minusNanos(1));
        assertThat(login("alice", "wonderland"))
                .isEqualTo(new Login.LockedOut(clock.wall().plusNanos(1)));
        clock.advance(Duration.ofNanos(1));
        assertThat(login("alice", "wonderland")).isInstanceOf(Login.Granted.class);
    }

    @Test
    void clockStepDoesNotEndLockout() {
        for (int i = 0; i < 6; i++) {
            login("alice", "guess");
        }
        clock.stepWall(Duration.ofHours(1));
        assertThat(login("alice", "wonderland"))
                .isEqualTo(new Login.LockedOut(clock.wall().plusSeconds(60)));
    }

    @Test
    void lockoutHoldsForThatUserFromThatSourceAlone() {
        for (int i = 0; i < 6; i++) {
            login("alice", "guess");
        }
        assertThat(login("alice", "wonderland")).isInstanceOf(Login.LockedOut.class);
        assertThat(users.login("alice", "wonderland", "10.0.0.2"))
                .isInstanceOf(Login.Granted.class);
        assertThat(login("bob", "builder")).isInstanceOf(Login.Granted.class);
        assertThat(login("alice", "wonderland")).isInstanceOf(Login.LockedOut.class);
    }

    @Test
    void loginForgetsFailuresBeforeIt() {
        for (int i = 0; i < 20; i++) {
            assertThat(login("alice", "guess")).isEqualTo(new Login.WrongPassword());
            assertThat(login("alice", "wonderland")).isInstanceOf(Login.Granted.class);
        }
    }

    @Test
    void unknownUserIsLockedOutToo() {
        for (int i = 0; i < 6; i++) {
            login("carol", "guess");
        }
        assertThat(login("carol", "guess")).isInstanceOf(Login.LockedOut.class);
    }

    @Test
    void tokenIsGoodForTwelveHours() {
        String token = token("alice", "wonderland");
        clock.advance(Duration.ofHours(12).minusSeconds(1));
        assertThat(users.userOf(token)).contains("alice");
        clock.advance(Duration.ofSeconds(1));
        assertThat(users.userOf(token)).isEmpty();
        assertThat(users.refresh(token)).isEmpty();
    }

    @Test
    void refreshedTokenLastsTwelveHoursMore() {
        String token = token("alice", "wonderland");
        clock.advance(Duration.ofHours(11));
        String next = users.refresh(token).orElseThrow().token();
        clock.advance(Duration.ofHours(11));
        assertThat(users.userOf(token)).isEmpty();
        assertThat(users.userOf(next)).contains("alice");
    }

    @Test
    void tokenSurvivesRestart() throws IOException {
        String token = token("alice", "wonderland");
        users = reopened();
        assertThat(users.userOf(token)).contains("alice");
        assertThat(login("bob", "builder")).isInstanceOf(Login.Granted.class);
    }

    @Test
    void passwordChangeEndsAllTokensOfThatUserOnly() throws IOException {
        String token = token("alice", "wonderland");
        String refreshed = users.refresh(token).orElseThrow().token();
        String other = token("bob", "builder");
        users.changePassword("alice", "wonderland"); // The same again is a change too.
        assertThat(users.userOf(token)).isEmpty();
        assertThat(users.refresh(refreshed)).isEmpty();
        assertThat(users.userOf(other)).contains("bob");
        users = reopened();
        assertThat(users.userOf(token)).isEmpty();
        assertThat(users.userOf(other)).contains("bob");
    }

    @Test
    void tokenOfRemovedUserStaysDeadWhenTheNameComesBack() throws IOException {
        String token = token("alice", "wonderland");
        users.remove("alice");
        assertThat(users.userOf(token)).isEmpty();
        assertThat(login("alice", "wonderland")).isEqualTo(new Login.WrongPassword());
        users.add("alice", "wonderland");
        assertThat(users.userOf(token)).isEmpty();
    }

    @Test
    void tokenWithAnyOtherBitIsNoToken() {
        byte[] token = Base64.getUrlDecoder().decode(token("alice", "wonderland"));
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        for (int bit = 0; bit < token.length * 8; bit++) {
            byte[] forged = token.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(users.userOf(base64.encodeToString(forged))).as("bit %d", bit).isEmpty();
        }
        for (String text : List.of("", "None", "é", "a".repeat(1 << 16), "====")) {
            assertThat(users.userOf(text)).isEmpty();
        }
    }

    /** The id of another user's password under the seal of one's own token. */
    @Test
    void tokenIsNotGoodForAnotherUser() {
        byte[] mine = Base64.getUrlDecoder().decode(token("alice", "wonderland"));
        byte[] other = Base64.getUrlDecoder().decode(token("bob", "builder"));
        System.arraycopy(other, 1, mine, 1, PasswordId.BYTES);
        String forged = Base64.getUrlEncoder().withoutPadding().encodeToString(mine);
        assertThat(users.userOf(forged)).isEmpty();
    }

    @Test
    void tokensOfAnotherServerAreNotTaken() throws IOException {
        Users elsewhere = Users.open(new SimulatedDisk(), clock, KEYS, 2, gate);
        elsewhere.add("alice", "wonderland");
        Login.Granted granted = (Login.Granted) elsewhere.login("alice", "wonderland", "10.0.0.1");
        assertThat(users.userOf(granted.token())).isEmpty();
    }

    @Test
    void fullQueueAndLongWaitAreAnsweredBusy() throws Exception {
        CompletableFuture<Boolean> held = new CompletableFuture<>();
        CompletableFuture<Boolean> running = new CompletableFuture<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> holder =
                    threads.submit(() ->
                            gate.run(() -> {
                                running.complete(true);
                                return held.join();
                            }));
            try {
                running.get(GUARD_SECONDS, TimeUnit.SECONDS);
                Future<Login> waiting = threads.submit(() -> login("alice", "wonderland"));
                clock.awaitWaiters(1);
                assertThat(login("bob", "builder")).isEqualTo(new Login.Busy());
                refused(Kind.BUSY, () -> users.add("carol", "x"));
                assertThat(waiting.isDone()).isFalse();
                clock.advance(Users.PATIENCE);
                assertThat(waiting.get(GUARD_SECONDS, TimeUnit.SECONDS))
                        .isEqualTo(new Login.Busy());
            } finally {
                held.complete(true);
            }
            holder.get(GUARD_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(login("alice", "wonderland")).isInstanceOf(Login.Granted.class);
    }

    @Test
    void waitingLoginTakesTheSlotThatIsFreed() throws Exception {
        CompletableFuture<Boolean> held = new CompletableFuture<>();
        CompletableFuture<Boolean> running = new CompletableFuture<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> holder =
                    threads.submit(() ->
                            gate.run(() -> {
                                running.complete(true);
                                held.join();
                                throw new IllegalStateException(
                                        "a hash that fails frees its slot too");
                            }));
            running.get(GUARD_SECONDS, TimeUnit.SECONDS);
            Future<Login> waiting = threads.submit(() -> login("alice", "wonderland"));
            clock.awaitWaiters(1);
            held.complete(true);
            try {
                assertThat(waiting)
                        .succeedsWithin(Duration.ofSeconds(60))
                        .isInstanceOf(Login.Granted.class);
                assertThatThrownBy(() -> holder.get(GUARD_SECONDS, TimeUnit.SECONDS))
                        .hasMessageContaining("frees its slot");
            } finally {
                threads.shutdownNow(); // Else a login that got no slot would wait for ever.
            }
        }
        assertThat(login("alice", "wonderland")).isInstanceOf(Login.Granted.class);
    }

    @Test
    void listIsByNameAndShowsWhenThePasswordWasSet() throws IOException {
        assertThat(users.list())
                .containsExactly(new User("alice", clock.wall()), new User("bob", clock.wall()));
        clock.advance(Duration.ofHours(1));
        users.changePassword("alice", "x");
        assertThat(users.list().getFirst()).isEqualTo(new User("alice", clock.wall()));
        assertThat(reopened().list()).isEqualTo(users.list());
    }

    @Test
    void changesThatAreNotLegalAreRefused() {
        refused(Kind.TAKEN, () -> users.add("alice", "x"));
        refused(Kind.INVALID, () -> users.add("a b", "x"));
        refused(Kind.INVALID, () -> users.add("", "x"));
        refused(Kind.INVALID, () -> users.add("a\nb", "x"));
        refused(Kind.INVALID, () -> users.add("carol", ""));
        refused(Kind.INVALID, () -> users.add("carol", "x".repeat(1025)));
        refused(Kind.NOT_FOUND, () -> users.remove("carol"));
        refused(Kind.NOT_FOUND, () -> users.changePassword("carol", "x"));
        assertThat(users.list()).hasSize(2);
    }

    private static void refused(Kind kind, ThrowingChange change) {
        assertThatThrownBy(change::run)
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private interface ThrowingChange {
        void run() throws IOException;
    }

    @Test
    void secretsAreInNoText() throws IOException {
        Login login = login("alice", "wonderland");
        assertThat(login.toString()).doesNotContain(((Login.Granted) login).token());
        assertThatThrownBy(() -> users.add("alice", "wonderland"))
                .message()
                .doesNotContain("wonderland");
        assertThat(PasswordHash.of("x", 2).toString()).isEqualTo("PasswordHash[rounds=2]");
    }

    @Test
    void anyChangedByteOfTheFileIsNoticed() throws IOException {
        String sound = stored(disk);
        for (int i = 0; i < sound.length(); i++) {
            StringBuilder text = new StringBuilder(sound);
            text.setCharAt(i, (char) (sound.charAt(i) ^ 1));
            damaged(text.toString());
            damaged(sound.substring(0, i));
        }
        damaged(sound + "x");
    }

    private void damaged(String content) throws IOException {
        SimulatedDisk other = new SimulatedDisk();
        KeyDirectory.open(other, KEYS);
        try (DiskFile file = other.open(KEYS.resolve("users"), Disk.Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(content.getBytes(UTF_8)), 0);
        }
        assertThatThrownBy(() -> Users.open(other, clock, KEYS, 2, gate))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("restore it from a backup");
    }

    @Test
    void failedWriteChangesNothingAndCanBeRepeated() throws IOException {
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.SYNC));
        assertThatThrownBy(() -> users.changePassword("alice", "other"))
                .isInstanceOf(IOException.class);
        assertThat(login("alice", "wonderland")).isInstanceOf(Login.Granted.class);
        users.changePassword("alice", "other");
        assertThat(login("alice", "other")).isInstanceOf(Login.Granted.class);
    }

    @Test
    void changeOfUnknownOutcomeRefusesFurtherOnesUntilReopened() throws IOException {
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.SYNC_DIRECTORY));
        assertThatThrownBy(() -> users.changePassword("alice", "other"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> users.remove("bob"))
                .isInstanceOf(PoisonedException.class)
                .hasMessageContaining("restart the server");
        users = reopened();
        users.remove("bob");
        assertThat(users.list()).hasSize(1);
    }
}
