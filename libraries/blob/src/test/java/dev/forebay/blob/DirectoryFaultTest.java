package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The store on a disk whose calls fail, fall short or find no room. */
class DirectoryFaultTest {
    /**
     * Puts every name under every single fault of one kind; then the same requests without faults.
     */
    private static void underFaults(Kind kind) throws Exception {
        for (int nth = 1; nth < 40; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            DirectoryContainers store = DirectoryCrashTest.open(disk);
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            disk.faults(Faults.failNth(nth, call -> call.kind() == kind));
            List<String> acks = new ArrayList<>(List.of(""));
            boolean failed = false;
            for (String name : DirectoryCrashTest.NAMES) {
                try {
                    DirectoryContainersTest.put(
                            container, new BlobName(name), DirectoryCrashTest.body(name));
                    acks.add(name);
                } catch (ContainerException e) {
                    failed = true;
                }
            }
            disk.faults(Faults.NONE);
            for (int seed = 0; seed < 4; seed++) {
                Disk left = disk.crash(seed == 0 ? Survival.NOTHING : Survival.random(seed));
                assertThatCode(() -> DirectoryCrashTest.check(left, acks))
                        .doesNotThrowAnyException();
            }
            if (!failed) {
                return;
            }
        }
        throw new AssertionError("more faults than expected");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {
                "CREATE",
                "CREATE_DIRECTORY",
                "WRITE",
                "SYNC",
                "LINK",
                "SYNC_DIRECTORY",
                "DELETE",
                "STAT"
            })
    void nothingAcknowledgedIsLostWhateverCallFails(Kind kind) throws Exception {
        underFaults(kind);
    }

    @Test
    void afterAFailedDirectorySyncTheContainerTakesNoMorePutsAndShowsNothingUnsynced()
            throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName hidden = new BlobName("hidden");
        disk.faults(Faults.failNth(1, call -> call.kind() == Kind.SYNC_DIRECTORY));
        assertFault(Fault.POISONED, () -> DirectoryContainersTest.put(container, hidden, "x"));
        assertFault(
                Fault.POISONED,
                () -> DirectoryContainersTest.put(container, new BlobName("other"), "x"));
        assertThat(container.head(hidden)).isEmpty();
        store.close();
        DirectoryContainers reopened = DirectoryCrashTest.open(disk);
        Container again = reopened.open("abc").orElseThrow();
        assertThat(DirectoryContainersTest.put(again, new BlobName("other"), "x"))
                .isInstanceOf(PutResult.Created.class);
    }

    @Test
    void aSyncThatEndsWithAnErrorPoisonsLikeOneThatFails() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName name = new BlobName("name");
        disk.faults(call -> {
            if (call.kind() == Kind.SYNC_DIRECTORY) {
                throw new OutOfMemoryError("injected at " + call);
            }
            return call.length();
        });
        assertThatThrownBy(() -> DirectoryContainersTest.put(container, name, "x"))
                .hasStackTraceContaining("OutOfMemoryError: injected");
        disk.faults(Faults.NONE);
        assertFault(Fault.POISONED, () -> DirectoryContainersTest.put(container, name, "x"));
        assertThat(container.head(name)).isEmpty();
    }

    @Test
    void aFailedFileSyncLeavesNothingAndTheNextPutSucceeds() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName name = new BlobName("name");
        disk.faults(Faults.failNth(1, call -> call.kind() == Kind.SYNC));
        assertFault(Fault.FAILED, () -> DirectoryContainersTest.put(container, name, "x"));
        assertThat(container.head(name)).isEmpty();
        assertThat(disk.list(DirectoryCrashTest.ROOT.resolve("abc").resolve(Staging.NAME)))
                .isEmpty();
        assertThat(DirectoryContainersTest.put(container, name, "x"))
                .isInstanceOf(PutResult.Created.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 17_000})
    void aFullDiskIsSaidAndTheSameRequestSucceedsOnceThereIsRoom(int size) throws Exception {
        for (int free = 0; free < size + 60; free += 1 + size / 1000) {
            SimulatedDisk disk = new SimulatedDisk();
            DirectoryContainers store = DirectoryCrashTest.open(disk);
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            BlobName name = new BlobName("00/000");
            disk.faults(Faults.fullAfter(free));
            try {
                DirectoryContainersTest.put(container, name, "x".repeat(size));
            } catch (ContainerException e) {
                assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
                assertThat(e.mayRetry()).isTrue();
                disk.faults(Faults.NONE);
                assertThat(DirectoryContainersTest.put(container, name, "x".repeat(size)))
                        .isInstanceOf(PutResult.Created.class);
            }
            assertThat(DirectoryContainersTest.read(container, name)).hasSize(size);
        }
    }

    @Test
    void shortWritesAreWrittenOut() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(Faults.shortWrites(7));
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        DirectoryContainersTest.put(container, new BlobName("a"), "0123456789".repeat(10));
        assertThat(DirectoryContainersTest.read(container, new BlobName("a")))
                .isEqualTo("0123456789".repeat(10));
    }

    private static void assertFault(Fault fault, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ContainerException.class, e -> assertThat(e.fault()).isEqualTo(fault));
    }
}
