package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blob.BlobName;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long work ends when a server that closes asks it to, wherever it is. */
class EndingTest {
    private static final Path DATA = Path.of("/simulated");

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private Database database;
    private DirectoryContainers containers;
    private Buffers buffers;

    @BeforeEach
    void open() throws IOException {
        database = Database.sqlite(temp.resolve("catalog.db"));
        SimulatedDisk disk = new SimulatedDisk();
        disk.createDirectory(DATA);
        containers = DirectoryContainers.open(disk, clock, DATA.resolve("containers"));
        buffers =
                new Buffers(
                        database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
    }

    @AfterEach
    void close() {
        containers.close();
        database.close();
    }

    private List<String> create(int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(buffers.create(Map.of(), Optional.empty()).id());
        }
        return ids;
    }

    private Optional<Reconciliation> reconcile(AtomicInteger asked, int endAt) {
        return Reconciliation.of(
                database,
                new BufferTable(""),
                containers,
                id -> false,
                () -> asked.incrementAndGet() >= endAt);
    }

    @Test
    void aComparisonGoesOnAtNoPlaceOnceItIsToldToEnd() {
        List<String> ids = create(5);
        for (int i = 0; i < 3; i++) {
            containers.create("orphan" + i);
            containers
                    .open("orphan" + i)
                    .orElseThrow()
                    .put(new BlobName("b"), ByteBuffer.allocate(1), null, Map.of());
        }
        containers.setAside(ids.get(0));
        AtomicInteger asked = new AtomicInteger();
        int endAt = 1;
        while (reconcile(asked, endAt).isEmpty()) {
            // When the deletion of files has ended, its caller asks too.
            assertThat(asked.get()).as("asked in all").isBetween(endAt, endAt + 1);
            asked.set(0);
            endAt++;
        }
        // Each container at the listing, each row, and each container without a row.
        assertThat(endAt).isGreaterThan(7 + 5 + 3);
    }

    @Test
    void aSweepPurgesNoMoreOnceItIsToldToEnd() {
        for (String id : create(5)) {
            buffers.delete(id, Optional.of(Duration.ZERO));
        }
        clock.advance(Duration.ofSeconds(1));
        AtomicInteger asked = new AtomicInteger();
        assertThat(buffers.sweep(() -> asked.incrementAndGet() > 2)).isEqualTo(2);
        assertThat(containers.list()).hasSize(3);
        assertThat(buffers.sweep()).isEqualTo(3);
    }

    @Test
    void closingABackgroundComparisonEndsItAndReportsNothing() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<Object> reported = new AtomicReference<>();
        BackgroundReconciliation comparing =
                new BackgroundReconciliation(
                        ending -> {
                            begun.countDown();
                            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
                            while (!ending.getAsBoolean() && System.nanoTime() - end < 0) {
                                Thread.onSpinWait();
                            }
                            return ending.getAsBoolean()
                                    ? Optional.empty()
                                    : Optional.of(new Reconciliation(List.of(), List.of()));
                        },
                        reported::set,
                        reported::set);
        begun.await();
        comparing.close();
        assertThat(reported).hasNullValue();
    }
}
