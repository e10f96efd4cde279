package dev.forebay.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.Disk.Access;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.LockedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a disk is to a program that is not crashed: the same on the real one and on the simulated
 * one.
 */
class DiskContractTest {
    @TempDir static Path temp;

    private static int made;

    record Place(String name, Disk disk, Path directory) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Place> places() throws IOException {
        Disk simulated = new SimulatedDisk();
        Path there = Path.of("/place");
        simulated.createDirectory(there);
        Path here = temp.resolve("place" + made++);
        Disk.system().createDirectory(here);
        return Stream.of(
                new Place("system", Disk.system(), here), new Place("simulated", simulated, there));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String read(DiskFile file, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        int count = file.readFully(target, position);
        return new String(target.array(), 0, count, UTF_8);
    }

    @ParameterizedTest
    @MethodSource("places")
    void whatIsWrittenIsRead(Place place) throws IOException {
        Path path = place.directory.resolve("file");
        try (DiskFile file = place.disk.open(path, Access.CREATE)) {
            file.writeFully(bytes("hello"), 0);
            file.writeFully(bytes("world"), 1000);
            file.sync();
            assertThat(file.size()).isEqualTo(1005);
            assertThat(read(file, 0, 5)).isEqualTo("hello");
            assertThat(read(file, 1000, 10)).isEqualTo("world");
            assertThat(read(file, 998, 4)).isEqualTo("\0\0wo");
            assertThat(file.read(ByteBuffer.allocate(1), 1005)).isEqualTo(-1);
        }
        try (DiskFile file = place.disk.open(path, Access.READ)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThat(file.transferTo(1000, 3, Channels.newChannel(out))).isEqualTo(3);
            assertThat(out.toString(UTF_8)).isEqualTo("wor");
        }
        assertThat(place.disk.stat(path).orElseThrow().size()).isEqualTo(1005);
        assertThat(place.disk.stat(path).orElseThrow().directory()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("places")
    void aCutFileGrowsBackWithZeros(Place place) throws IOException {
        try (DiskFile file = place.disk.open(place.directory.resolve("file"), Access.CREATE)) {
            file.writeFully(bytes("x".repeat(2000)), 0);
            file.truncate(700);
            file.truncate(900);
            assertThat(file.size()).isEqualTo(700);
            file.writeFully(bytes("y"), 1999);
            assertThat(read(file, 699, 3)).isEqualTo("x\0\0");
            assertThat(read(file, 1998, 9)).isEqualTo("\0y");
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void allocatedBytesAreZerosAndCountAsSize(Place place) throws IOException {
        try (DiskFile file = place.disk.open(place.directory.resolve("file"), Access.CREATE)) {
            file.writeFully(bytes("abc"), 0);
            file.allocate(0, 8192);
            assertThat(file.size()).isEqualTo(8192);
            assertThat(read(file, 0, 5)).isEqualTo("abc\0\0");
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void aMappingAndTheFileAreOne(Place place) throws IOException {
        try (DiskFile file = place.disk.open(place.directory.resolve("file"), Access.CREATE)) {
            file.allocate(0, 8192);
            try (DiskMapping mapping = file.map(4096, 4096)) {
                mapping.putLong(8, 0x0102030405060708L);
                mapping.putInt(16, 7);
                mapping.put(20, "xhix".getBytes(UTF_8), 1, 2);
                mapping.force(0, 4096);
                assertThat(mapping.getLong(8)).isEqualTo(0x0102030405060708L);
                assertThat(mapping.getInt(16)).isEqualTo(7);
                byte[] got = new byte[4];
                mapping.get(20, got, 1, 2);
                assertThat(got).containsExactly(0, 'h', 'i', 0);
                assertThatThrownBy(() -> mapping.putInt(4093, 1))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThat(read(file, 4096 + 8, 1)).isEqualTo("\u0008");
            assertThat(read(file, 4096 + 20, 2)).isEqualTo("hi");
            assertThatThrownBy(() -> file.map(8000, 500))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void aTakenNameIsNeverTakenAgain(Place place) throws IOException {
        Path a = place.directory.resolve("a");
        Path b = place.directory.resolve("b");
        place.disk.open(a, Access.CREATE).close();
        place.disk.open(b, Access.CREATE).close();
        assertThatThrownBy(() -> place.disk.open(a, Access.CREATE))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> place.disk.createDirectory(a))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> place.disk.link(a, b))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @ParameterizedTest
    @MethodSource("places")
    void aLinkIsASecondNameOfTheSameFile(Place place) throws IOException {
        Path a = place.directory.resolve("a");
        Path b = place.directory.resolve("b");
        try (DiskFile file = place.disk.open(a, Access.CREATE)) {
            place.disk.link(a, b);
            file.writeFully(bytes("late"), 0);
        }
        place.disk.delete(a);
        try (DiskFile file = place.disk.open(b, Access.READ)) {
            assertThat(read(file, 0, 9)).isEqualTo("late");
        }
        assertThat(place.disk.list(place.directory)).containsExactly(b);
    }

    @ParameterizedTest
    @MethodSource("places")
    void aRenameReplacesAFileAndMovesADirectory(Place place) throws IOException {
        Path a = place.directory.resolve("a");
        Path b = place.directory.resolve("b");
        Path inside = place.directory.resolve("d").resolve("inside");
        place.disk.open(a, Access.CREATE).close();
        place.disk.open(b, Access.CREATE).close();
        place.disk.rename(a, b);
        place.disk.createDirectory(place.directory.resolve("d"));
        place.disk.open(inside, Access.CREATE).close();
        place.disk.rename(place.directory.resolve("d"), place.directory.resolve("e"));
        assertThat(place.disk.list(place.directory))
                .containsExactlyInAnyOrder(b, place.directory.resolve("e"));
        assertThat(place.disk.stat(place.directory.resolve("e").resolve("inside"))).isPresent();
        assertThat(place.disk.stat(inside)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("places")
    void whatIsMissingIsSaidToBeMissing(Place place) throws IOException {
        Path none = place.directory.resolve("none");
        assertThat(place.disk.stat(none)).isEmpty();
        assertThatThrownBy(() -> place.disk.open(none, Access.READ))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> place.disk.delete(none)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> place.disk.list(none)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> place.disk.syncDirectory(none))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> place.disk.open(none.resolve("deeper"), Access.CREATE))
                .isInstanceOf(NoSuchFileException.class);
    }

    @ParameterizedTest
    @MethodSource("places")
    void onlyAnEmptyDirectoryIsDeleted(Place place) throws IOException {
        Path directory = place.directory.resolve("d");
        place.disk.createDirectory(directory);
        place.disk.open(directory.resolve("f"), Access.CREATE).close();
        assertThatThrownBy(() -> place.disk.delete(directory))
                .isInstanceOf(DirectoryNotEmptyException.class);
        place.disk.delete(directory.resolve("f"));
        place.disk.syncDirectory(directory);
        place.disk.delete(directory);
        place.disk.syncAll(place.directory);
        assertThat(place.disk.list(place.directory)).isEqualTo(List.of());
    }

    @ParameterizedTest
    @MethodSource("places")
    void aLockIsHeldOnceAndNamesItsOwner(Place place) throws IOException {
        Path path = place.directory.resolve("lock");
        Disk.AutoCloseableLock held = place.disk.lock(path);
        assertThatThrownBy(() -> place.disk.lock(path))
                .isInstanceOf(LockedException.class)
                .hasMessageContaining("process " + ProcessHandle.current().pid());
        held.close();
        place.disk.lock(path).close();
    }
}
