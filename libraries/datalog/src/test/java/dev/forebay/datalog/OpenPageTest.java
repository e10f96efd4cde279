package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.bddf.BddfException;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who is answered when syncs of a page meet. */
class OpenPageTest {
    private static final Path FOLDER = Path.of("/pages");

    private static Preparation.Block block(int nanos) {
        return new Preparation.Block(
                List.of(0),
                new SeriesKey(Kind.BLOB, "arm", "image", ""),
                nanos,
                nanos,
                false,
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                Map.of());
    }

    private static OpenPage page(SimulatedDisk disk) throws IOException {
        PageFiles.createFolder(disk, FOLDER);
        return new OpenPage(1, new PageFiles(disk, FOLDER), Trigger.moreThan(9), Clock.system());
    }

    /** Runs a task in a thread and returns once that waits. */
    private static void startAndAwait(FutureTask<?> task) throws IOException {
        Thread thread = Thread.ofPlatform().daemon().start(task);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (thread.getState() != Thread.State.WAITING) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("the thread did not wait, it is " + thread.getState());
            }
            Thread.onSpinWait();
        }
    }

    private static Callable<Boolean> synced(OpenPage page, long upTo) {
        return () -> {
            try {
                page.awaitSynced(upTo);
                return true;
            } catch (IOException e) {
                return false;
            }
        };
    }

    /** Without a keeper, which would have ended the page by then, or not. */
    @Test
    void blocksAfterASyncThatFailedGoIntoTheNextPage() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        PageFiles.createFolder(disk, FOLDER);
        OpenPages pages = new OpenPages(new PageFiles(disk, FOLDER), Clock.system(), 1);
        LaneWriter lane = new LaneWriter(pages, new PageLimit(DataLogSettings.defaults()));
        LaneWriter.Written failing = lane.write(List.of(block(1)));
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.SYNC));
        assertThat(synced(failing.page(), failing.sequence()).call()).isFalse();
        assertThat(written(lane)).as("the page").isEqualTo(2);
        assertThat(pages.nextFull()).isEqualTo(failing.page());
        pages.close();
    }

    /** The page that took a block; 0 if it was refused. */
    private static long written(LaneWriter lane) {
        try {
            LaneWriter.Written written = lane.write(List.of(block(2)));
            written.awaitSynced();
            return written.page().id();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void pageWhoseSyncFailedIsReadUntilItIsRecovered() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        OpenPage page = page(disk);
        long sequence = page.write(List.of(block(1))).orElseThrow();
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.SYNC));
        assertThat(synced(page, sequence).call()).isFalse();
        assertThat(blocks(page)).as("blocks while it waits for its end").isEqualTo(1);
        assertThat(page.seal()).isEmpty();
        assertThat(blocks(page)).as("blocks while it waits for its recovery").isEqualTo(1);
    }

    /** A call that ended in the middle has no blocks in the page. */
    @Test
    void pageWhoseWriteFailedIsReadUpToThere() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        OpenPage page = page(disk);
        page.write(List.of(block(1)));
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.WRITE));
        assertThatThrownBy(() -> page.write(List.of(block(2), block(3))))
                .isInstanceOf(IOException.class);
        assertThat(blocks(page)).isEqualTo(1);
        page.abandon();
    }

    private static int blocks(OpenPage page) {
        try (PageFiles.Reading reading = page.read()) {
            int blocks = reading.page().series(0).blocks().count();
            for (int i = 0; i < blocks; i++) {
                assertThat(reading.page().read(0, i).payload().remaining()).isEqualTo(3);
            }
            return blocks;
        } catch (IOException | BddfException e) {
            throw new AssertionError("the page cannot be read", e);
        }
    }

    /** The sealing thread waits for a sync that fails; its own, which would succeed, is no cure. */
    @Test
    void pageThatIsSealedDuringASyncThatFailsAnswersNoOneAsSynced() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        OpenPage page = page(disk);
        page.write(List.of(block(1)));
        long both = page.write(List.of(block(2))).orElseThrow();
        FutureTask<Optional<PageSummary>> sealing = new FutureTask<>(page::seal);
        FutureTask<Boolean> other = new FutureTask<>(synced(page, both));
        AtomicInteger syncs = new AtomicInteger();
        disk.faults(call -> {
            if (call.kind() == DiskCall.Kind.SYNC && syncs.incrementAndGet() == 1) {
                startAndAwait(sealing);
                startAndAwait(other);
                throw new IOException("injected");
            }
            return call.length();
        });
        assertThat(synced(page, both).call()).isFalse();
        assertThat(other.get(60, TimeUnit.SECONDS)).isFalse();
        assertThat(sealing.get(60, TimeUnit.SECONDS)).isEmpty();
        assertThat(syncs).as("syncs, the one that failed included").hasValue(1);
    }
}
