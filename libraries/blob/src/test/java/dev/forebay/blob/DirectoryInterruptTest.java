package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An interrupt of the putting thread at every call to the disk: it is met by this put alone. */
class DirectoryInterruptTest {
    private static final BlobName NAME = new BlobName("12/00/000");
    private static final Path FILE = DirectoryCrashTest.ROOT.resolve("abc/12/00/000=");

    /** What a channel closes itself for when its thread is interrupted. */
    private static final Set<Kind> INTERRUPTIBLE =
            EnumSet.of(Kind.READ, Kind.WRITE, Kind.SYNC, Kind.SYNC_DIRECTORY);

    /** Syncs on the thread of the put, as if nobody could interrupt that. */
    private static final SettlingRules SYNCS_ON_THE_THREAD_OF_THE_PUT =
            new SettlingRules() {
                @Override
                void share(Step sync) throws IOException {
                    sync.run();
                }
            };

    @AfterEach
    void forgetTheInterrupt() {
        Thread.interrupted();
    }

    /** Interrupts {@code victim} at the given call, from 1; every call behaves like a channel's. */
    private static Faults interruptAt(int at, Thread victim, AtomicInteger calls) {
        return (DiskCall call) -> {
            if (calls.incrementAndGet() == at) {
                victim.interrupt();
            }
            if (INTERRUPTIBLE.contains(call.kind()) && Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            return call.length();
        };
    }

    private static void putsAreInterruptedAlone(SettlingRules rules) throws IOException {
        int failed = 0;
        for (int at = 1; ; at++) {
            SimulatedDisk disk = new SimulatedDisk();
            DirectoryContainers store =
                    DirectoryContainers.open(
                            disk,
                            Clock.system(),
                            DirectoryCrashTest.ROOT,
                            DirectoryContainers.LARGEST_BLOB,
                            rules);
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            AtomicInteger calls = new AtomicInteger();
            disk.faults(interruptAt(at, Thread.currentThread(), calls));
            boolean created;
            try {
                created =
                        DirectoryContainersTest.put(container, NAME, "x")
                                instanceof PutResult.Created;
                assertThat(created).isTrue();
            } catch (ContainerException e) {
                assertThat(e.fault()).as("call %s: %s", at, e).isEqualTo(Fault.CLOSED);
                created = false;
                failed++;
            }
            assertThat(Thread.interrupted())
                    .as("the interrupt is kept")
                    .isEqualTo(calls.get() >= at);
            disk.faults(Faults.NONE);
            boolean durable = disk.crash(Survival.NOTHING).stat(FILE).isPresent();
            assertThat(durable).as("call %s", at).isEqualTo(created);
            assertThat(container.head(NAME).isPresent()).as("call %s", at).isEqualTo(created);
            assertThat(
                            DirectoryContainersTest.put(container, NAME, "y")
                                    instanceof PutResult.Exists)
                    .as("call %s", at)
                    .isEqualTo(created);
            assertThat(store.create("other")).isTrue();
            store.close();
            if (calls.get() < at) {
                assertThat(failed).as("puts that an interrupt ended").isPositive();
                return;
            }
        }
    }

    @Test
    void anInterruptAtAnyCallEndsThatPutWithNothingMadeOrNotAtAll() throws IOException {
        putsAreInterruptedAlone(SettlingRules.SOUND);
    }

    @Test
    void aTwinThatSyncsOnTheThreadOfThePutIsCaught() {
        assertThat(catchThrowable(() -> putsAreInterruptedAlone(SYNCS_ON_THE_THREAD_OF_THE_PUT)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("POISONED");
    }

    /** One put syncs for two, and the thread of either is interrupted meanwhile. */
    @Test
    void anInterruptDuringASharedSyncHarmsNobody() throws Exception {
        for (int victim = 0; victim < 2; victim++) {
            SimulatedDisk disk = new SimulatedDisk();
            disk.createDirectory(FILE.getRoot().resolve("d"));
            SharedSync sync =
                    new SharedSync(disk, FILE.getRoot().resolve("d"), SettlingRules.SOUND);
            CountDownLatch syncing = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            disk.faults(call -> {
                syncing.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new ClosedByInterruptException();
                }
                return call.length();
            });
            FutureTask<Boolean> first = new FutureTask<>(() -> syncedThoughInterrupted(sync));
            FutureTask<Boolean> second = new FutureTask<>(() -> syncedThoughInterrupted(sync));
            Thread[] threads = {
                Thread.ofPlatform().daemon().unstarted(first),
                Thread.ofPlatform().daemon().unstarted(second)
            };
            threads[0].start();
            syncing.await();
            threads[1].start();
            while (sync.waiting() < 1) {
                Thread.onSpinWait();
            }
            threads[victim].interrupt();
            go.countDown();
            assertThat(first.get(5, TimeUnit.MINUTES)).isEqualTo(victim == 0);
            assertThat(second.get(5, TimeUnit.MINUTES)).isEqualTo(victim == 1);
        }
    }

    /** Whether it has met an interrupt when it is synced. */
    private static boolean syncedThoughInterrupted(SharedSync sync) throws IOException {
        sync.sync();
        return Thread.interrupted();
    }

    @Test
    void putOnAnInterruptedThreadSucceedsOnTheMachinesOwnDisk(@TempDir Path temp)
            throws IOException {
        try (DirectoryContainers store =
                DirectoryContainers.open(
                        Disk.system(), Clock.system(), temp.resolve("containers"))) {
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            Thread.currentThread().interrupt();
            assertThat(DirectoryContainersTest.put(container, NAME, "x"))
                    .isInstanceOf(PutResult.Created.class);
            assertThat(store.create("def")).as("with the interrupt set").isTrue();
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
