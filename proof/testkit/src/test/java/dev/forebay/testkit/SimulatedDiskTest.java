package dev.forebay.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.Disk.Access;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.LockedException;
import dev.forebay.base.NoSpaceException;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a power cut leaves. */
class SimulatedDiskTest {
    private static final Path FILE = Path.of("/file");
    private static final Path ROOT = Path.of("/");

    private final SimulatedDisk disk = new SimulatedDisk();

    private static void write(DiskFile file, String text, long position) throws IOException {
        file.writeFully(ByteBuffer.wrap(text.getBytes(UTF_8)), position);
    }

    private static String content(Disk disk, Path path) throws IOException {
        try (DiskFile file = disk.open(path, Access.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.readFully(all, 0);
            return new String(all.array(), UTF_8);
        }
    }

    @Test
    void aSyncedFileWithoutASyncedNameIsLost() throws IOException {
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            write(file, "x", 0);
            file.sync();
        }
        assertThat(disk.crash(Survival.NOTHING).stat(FILE)).isEmpty();
        assertThat(content(disk.crash(Survival.EVERYTHING), FILE)).isEqualTo("x");
        disk.syncDirectory(ROOT);
        assertThat(content(disk.crash(Survival.NOTHING), FILE)).isEqualTo("x");
    }

    @Test
    void aSyncedNameKeepsNothingOfAnUnsyncedFile() throws IOException {
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            write(file, "x", 0);
            disk.syncDirectory(ROOT);
        }
        assertThat(content(disk.crash(Survival.NOTHING), FILE)).isEmpty();
    }

    @Test
    void sectorsSurviveInAnySubsetAndAnyVersion() throws IOException {
        Set<String> seen = new HashSet<>();
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            write(file, "-".repeat(1024), 0);
            file.sync();
            disk.syncDirectory(ROOT);
            write(file, "a", 0);
            write(file, "b", 0);
            write(file, "c", 512);
        }
        for (int seed = 0; seed < 200; seed++) {
            String left = content(disk.crash(Survival.random(seed)), FILE);
            seen.add(left.charAt(0) + "" + left.charAt(512));
        }
        assertThat(seen).containsExactlyInAnyOrder("--", "a-", "b-", "-c", "ac", "bc");
    }

    @Test
    void aNewDirectoryIsLostWithAllInItUntilItsParentIsSynced() throws IOException {
        Path directory = Path.of("/d");
        disk.createDirectory(directory);
        try (DiskFile file = disk.open(directory.resolve("f"), Access.CREATE)) {
            file.sync();
        }
        disk.syncDirectory(directory);
        assertThat(disk.crash(Survival.NOTHING).stat(directory)).isEmpty();
        disk.syncDirectory(ROOT);
        assertThat(disk.crash(Survival.NOTHING).stat(directory.resolve("f"))).isPresent();
    }

    @Test
    void aRenameIsNeverHalf() throws IOException {
        disk.createDirectory(Path.of("/a"));
        disk.createDirectory(Path.of("/b"));
        disk.open(Path.of("/a/f"), Access.CREATE).close();
        disk.syncAll(ROOT);
        disk.rename(Path.of("/a/f"), Path.of("/b/f"));
        Set<Boolean> moved = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            SimulatedDisk left = disk.crash(Survival.random(seed));
            boolean there = left.stat(Path.of("/b/f")).isPresent();
            assertThat(left.stat(Path.of("/a/f")).isPresent()).isEqualTo(!there);
            moved.add(there);
        }
        assertThat(moved).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void mappedStoresAreLostUntilForced() throws IOException {
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            file.allocate(0, 1024);
            file.sync();
            disk.syncDirectory(ROOT);
            try (DiskMapping mapping = file.map(0, 1024)) {
                mapping.putInt(0, 0x41414141);
                mapping.putInt(512, 0x42424242);
                mapping.force(0, 4);
            }
        }
        assertThat(content(disk.crash(Survival.NOTHING), FILE)).startsWith("AAAA").endsWith("\0");
        assertThat(content(disk.crash(Survival.NOTHING), FILE).charAt(512)).isEqualTo('\0');
    }

    @Test
    void afterAFailedSyncTheNextOneProvesNothing() throws IOException {
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            disk.syncDirectory(ROOT);
            write(file, "x", 0);
            disk.faults(Faults.failNth(1, call -> call.kind() == Kind.SYNC));
            assertThatThrownBy(file::sync)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("injected");
            file.sync();
        }
        assertThat(content(disk, FILE)).isEqualTo("x");
        assertThat(content(disk.crash(Survival.EVERYTHING), FILE)).isNotEqualTo("x");
    }

    @Test
    void aFullDiskTakesWhatFitsAndSaysSo() throws IOException {
        disk.faults(Faults.fullAfter(3));
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            assertThatThrownBy(() -> file.allocate(0, 4)).isInstanceOf(NoSpaceException.class);
            assertThatThrownBy(() -> write(file, "1234", 0)).isInstanceOf(NoSpaceException.class);
        }
    }

    @Test
    void shortWritesAreWrittenOut() throws IOException {
        disk.faults(Faults.shortWrites(3));
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            assertThat(file.write(ByteBuffer.wrap(new byte[10]), 0)).isEqualTo(3);
            write(file, "hello world", 0);
        }
        assertThat(content(disk, FILE)).isEqualTo("hello world");
    }

    @Test
    void whatAKilledProcessWroteIsSeenAndStillNotCertain() throws IOException {
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            write(file, "old", 0);
            file.sync();
            disk.syncDirectory(ROOT);
            write(file, "new", 0);
            disk.link(FILE, Path.of("/link"));
            SimulatedDisk left = disk.kill();
            write(file, "bad", 0);
            assertThat(content(left, FILE)).isEqualTo("new");
            assertThat(content(left, Path.of("/link"))).isEqualTo("new");
            SimulatedDisk cut = left.crash(Survival.NOTHING);
            assertThat(content(cut, FILE)).isEqualTo("old");
            assertThat(cut.stat(Path.of("/link"))).isEmpty();
            left.syncAll(ROOT);
            assertThat(content(left.crash(Survival.NOTHING), Path.of("/link"))).isEqualTo("new");
        }
        assertThat(content(disk, FILE)).isEqualTo("bad");
    }

    @Test
    void aLockDiesWithItsProcess() throws IOException {
        Disk.AutoCloseableLock held = disk.lock(FILE);
        disk.kill().lock(FILE).close();
        assertThatThrownBy(() -> disk.lock(FILE)).isInstanceOf(LockedException.class);
        held.close();
    }

    @Test
    void afterAFailedSyncOfEverythingTheNextOneProvesNothing() throws IOException {
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            write(file, "x", 0);
        }
        disk.faults(Faults.failNth(1, call -> call.kind() == Kind.SYNC_ALL));
        assertThatThrownBy(() -> disk.syncAll(ROOT)).hasMessageContaining("injected");
        disk.syncAll(ROOT);
        assertThat(disk.crash(Survival.EVERYTHING).stat(FILE)).isEmpty();
    }
}
