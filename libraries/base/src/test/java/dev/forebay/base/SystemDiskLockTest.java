package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One owner at a time, whichever process it lives in. */
class SystemDiskLockTest {
    @TempDir Path temp;

    private Process holder(Path lock) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        lock.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
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
}
