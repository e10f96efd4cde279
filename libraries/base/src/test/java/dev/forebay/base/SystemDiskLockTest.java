package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One owner at a time, whichever process it lives in. */
class SystemDiskLockTest {
    @TempDir Path temp;

    private static Process holder(Path lock, String... more) throws IOException {
        String[] arguments = new String[1 + more.length];
        arguments[0] = lock.toString();
        System.arraycopy(more, 0, arguments, 1, more.length);
        return start("--enable-native-access=ALL-UNNAMED", arguments);
    }

    private static Process start(String nativeAccess, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                nativeAccess,
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LockHolder.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private void assertHeldBy(long pid, Path lock) {
        assertThatThrownBy(() -> Disk.system().lock(lock))
                .isInstanceOfSatisfying(
                        LockedException.class, e -> assertThat(e.pid()).isEqualTo(pid))
                .hasMessage(
                        lock
                                + " is in use by process "
                                + pid
                                + "; stop it first, or choose another directory");
    }

    @Test
    void anotherProcessIsNamedAndItsDeathFreesTheLock() throws Exception {
        Path lock = temp.resolve("lock");
        Process other = holder(lock);
        try (BufferedReader said = other.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(said.readLine()).isEqualTo("locked");
            assertHeldBy(other.pid(), lock);
        } finally {
            other.destroyForcibly();
        }
        assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (var _ = Disk.system().lock(lock)) {
            assertThat(Files.readString(lock)).isEqualTo("" + ProcessHandle.current().pid());
            assertHeldBy(ProcessHandle.current().pid(), lock);
        }
        assertThat(lock).exists();
    }

    @Test
    void anOwnerThatCannotBeReadIsAnotherProcess() {
        assertThat(new LockedException(Path.of("/x"), 0))
                .hasMessage(
                        "/x is in use by another process; stop it first, or choose another"
                                + " directory");
    }

    @Test
    void aPlaceThatCannotBeLockedIsNeitherLockedNorMade() {
        Path nowhere = temp.resolve("none").resolve("lock");
        assertThatThrownBy(() -> Disk.system().lock(nowhere))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(LockedException.class);
        assertThat(nowhere.getParent()).doesNotExist();
    }

    @Test
    void refusedSecondOpenInTheOwnersProcessDoesNotFreeTheLock() throws Exception {
        Path lock = temp.resolve("lock");
        try (var _ = Disk.system().lock(lock)) {
            assertHeldBy(ProcessHandle.current().pid(), lock);
            assertRefusedInAnotherProcess(lock);
        }
    }

    @Test
    void readingTheLockFileDoesNotFreeTheLock() throws Exception {
        Path lock = temp.resolve("lock");
        try (var _ = Disk.system().lock(lock)) {
            assertThat(Files.readString(lock)).isEqualTo("" + ProcessHandle.current().pid());
            assertRefusedInAnotherProcess(lock);
        }
    }

    @Test
    void anotherNameOfTheDirectoryLeadsToTheSameLock() throws Exception {
        Path real = Files.createDirectory(temp.resolve("real"));
        Path link = Files.createSymbolicLink(temp.resolve("link"), real);
        try (var _ = Disk.system().lock(real.resolve("lock"))) {
            assertHeldBy(ProcessHandle.current().pid(), link.resolve("lock"));
            assertRefusedInAnotherProcess(link.resolve("lock"));
        }
        Disk.system().lock(link.resolve("lock")).close();
    }

    @Test
    void secondCloseDoesNotFreeTheLockOfTheNextOwner() throws Exception {
        Path lock = temp.resolve("lock");
        Disk.AutoCloseableLock first = Disk.system().lock(lock);
        first.close();
        try (var _ = Disk.system().lock(lock)) {
            first.close();
            assertHeldBy(ProcessHandle.current().pid(), lock);
            assertRefusedInAnotherProcess(lock);
        }
    }

    /** The holder starts a child that outlives it; the child must not hold the lock on. */
    @Test
    void childThatOutlivesTheOwnerDoesNotHoldTheLock() throws Exception {
        Path lock = temp.resolve("lock");
        Process owner = holder(lock, "60");
        try (BufferedReader said = owner.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(said.readLine()).isEqualTo("locked");
            ProcessHandle child = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
            try {
                owner.destroyForcibly();
                assertThat(owner.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(child.isAlive()).isTrue();
                Disk.system().lock(lock).close();
            } finally {
                child.destroyForcibly();
            }
        }
    }

    /** Without native access the lock is a POSIX lock, and it is still one owner at a time. */
    @Test
    void withoutNativeAccessTheRegistryAndAPosixLockHold() throws Exception {
        Path lock = temp.resolve("lock");
        Process owner = start("--illegal-native-access=deny", lock.toString(), "twice");
        try (BufferedReader said = owner.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(said.readLine()).isEqualTo("locked");
            assertThat(said.readLine()).isEqualTo("refused");
            assertHeldBy(owner.pid(), lock);
        } finally {
            owner.destroyForcibly();
            assertThat(owner.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void assertRefusedInAnotherProcess(Path lock) throws Exception {
        Process other = start("--enable-native-access=ALL-UNNAMED", lock.toString(), "try");
        try (BufferedReader said = other.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(said.readLine()).isEqualTo("refused");
        } finally {
            other.destroyForcibly();
            assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
