package dev.forebay.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.forebay.base.Disk.Access;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is the real disk's own beside the contract that it shares with the simulated one: modes,
 * system calls, and faults by their type.
 */
class SystemDiskTest {
    private static final Disk DISK = Disk.system();

    /** A device that is always full. */
    private static final Path FULL = Path.of("/dev/full");

    @TempDir Path temp;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private Path file(String name, String content) throws IOException {
        Path path = temp.resolve(name);
        try (DiskFile file = DISK.open(path, Access.CREATE)) {
            file.writeFully(bytes(content), 0);
            file.sync();
        }
        return path;
    }

    @Test
    void whatItMakesIsItsOwnersOnly() throws IOException {
        Path directory = temp.resolve("d");
        DISK.createDirectory(directory);
        Path file = file("f", "x");
        Path lock = temp.resolve("lock");
        DISK.lock(lock).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(lock)))
                .isEqualTo("rw-------");
    }

    @Test
    void aLinkReplacesNothing() throws IOException {
        Path first = file("first", "first");
        Path second = file("second", "second");
        assertThatThrownBy(() -> DISK.link(second, first))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(first).hasContent("first");
        DISK.link(second, temp.resolve("third"));
        assertThat(Files.isSameFile(second, temp.resolve("third"))).isTrue();
    }

    @Test
    void aRenameReplacesAFileInOneStep() throws IOException {
        Path from = file("from", "new");
        Path to = file("to", "old");
        try (DiskFile before = DISK.open(to, Access.READ)) {
            DISK.rename(from, to);
            ByteBuffer seen = ByteBuffer.allocate(3);
            before.readFully(seen, 0);
            assertThat(new String(seen.array(), UTF_8)).isEqualTo("old");
        }
        assertThat(to).hasContent("new");
        assertThat(from).doesNotExist();
    }

    @Test
    void aDirectoryAndAWholeFileSystemCanBeSynced() throws IOException {
        file("f", "x");
        DISK.syncDirectory(temp);
        DISK.syncAll(temp);
        assertThatThrownBy(() -> DISK.syncAll(temp.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void preallocatedBlocksAreTakenFromTheDevice() throws IOException {
        assumeThat(SystemCalls.available()).isTrue();
        try (DiskFile file = DISK.open(temp.resolve("f"), Access.CREATE)) {
            file.allocate(0, 1 << 20);
            assertThat(file.size()).isEqualTo(1 << 20);
        }
        assertThat(blocksOf(temp.resolve("f"))).isGreaterThanOrEqualTo((1 << 20) / 512);
    }

    /** Blocks of 512 bytes that a file has on its device. */
    private static long blocksOf(Path path) throws IOException {
        try {
            Process stat = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
            String said = new String(stat.getInputStream().readAllBytes(), UTF_8).strip();
            assertThat(stat.waitFor()).isZero();
            return Long.parseLong(said);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Test
    void blocksAreReservedForTheOpenFileAlsoWhenItsNameIsGone() throws IOException {
        Path path = temp.resolve("f");
        try (DiskFile file = DISK.open(path, Access.CREATE)) {
            DISK.rename(path, temp.resolve("g"));
            file.allocate(0, 100_000);
            assertThat(file.size()).isEqualTo(100_000);
        }
    }

    @Test
    void aFullDeviceIsSaidByItsType() throws IOException {
        assumeThat(FULL).exists();
        try (DiskFile full = DISK.open(FULL, Access.WRITE)) {
            assertThatThrownBy(() -> full.write(bytes("x"), 0))
                    .isInstanceOf(NoSpaceException.class)
                    .hasMessage("no space left on the device of /dev/full; free some and try again")
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aLockOnAFullDeviceIsSaidByItsTypeAndNotLeftHeld() {
        assumeThat(FULL).exists();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> DISK.lock(FULL)).isInstanceOf(NoSpaceException.class);
        }
    }

    @Test
    void whatAMappingStoresIsInTheFileOnceForced() throws IOException {
        Path path = temp.resolve("f");
        try (DiskFile file = DISK.open(path, Access.CREATE)) {
            file.allocate(0, 3 * 4096);
            DiskMapping mapping = file.map(100, 8000); // Not on a page, as segments need not be.
            mapping.putLong(4090, 0x4847464544434241L);
            mapping.force(4000, 200);
            assertThat(Files.readString(path).substring(4190, 4198)).isEqualTo("ABCDEFGH");
            assertThatThrownBy(() -> mapping.force(7990, 11))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            mapping.close();
            assertThatThrownBy(() -> mapping.getInt(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> mapping.force(0, 1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void warmingAMappingChangesNothingAndSaysWhatCannotBeHad(boolean forStores) throws IOException {
        Path path = temp.resolve("f");
        try (DiskFile file = DISK.open(path, Access.CREATE)) {
            file.allocate(0, 5 * 4096);
            DiskMapping mapping = file.map(100, 18_000);
            mapping.putLong(9000, 0x4847464544434241L);
            mapping.warm(0, 18_000, forStores);
            mapping.warm(8999, 3, forStores);
            mapping.warm(0, 0, forStores);
            assertThat(mapping.getLong(9000)).isEqualTo(0x4847464544434241L);
            assertThat(mapping.getLong(8992)).isZero();
            assertThatThrownBy(() -> mapping.warm(17_999, 2, forStores))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            file.truncate(4096);
            assertThatThrownBy(() -> mapping.warm(8000, 1, forStores))
                    .isInstanceOf(IOException.class);
            mapping.close();
            assertThatThrownBy(() -> mapping.warm(0, 1, forStores))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aMappingBeyondTheFileIsRefusedWithBothNumbers() throws IOException {
        Path path = file("f", "123");
        try (DiskFile file = DISK.open(path, Access.WRITE)) {
            assertThatThrownBy(() -> file.map(2, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("cannot map 2 bytes from 2 of " + path + ", which has 3");
        }
    }

    @Test
    void thereIsRoomWhereTestsRun() throws IOException {
        assertThat(DISK.usableBytes(temp)).isPositive();
    }
}
