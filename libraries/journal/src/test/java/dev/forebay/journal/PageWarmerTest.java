package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.journal.PageWarmer.Stretch;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which pages are warmed next, and for what. The worker of this warmer is not started. */
@SuppressWarnings("GuardedBy") // Only this thread knows the warmer.
class PageWarmerTest {
    private static final long SIZE = 8 * PageWarmer.STEP;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final MappedSegment active = segment(1);
    private final MappedSegment next = segment(1001);
    private final Deque<MappedSegment> ready = new ArrayDeque<>();
    private long synced;
    private final PageWarmer warmer =
            new PageWarmer(
                    new JournalState(Path.of("/journal")),
                    new PageFiller(),
                    ready::peekFirst,
                    () -> synced);

    PageWarmerTest() throws IOException {
        ready.add(next);
    }

    private MappedSegment segment(long first) throws IOException {
        Path path = Path.of("/" + first);
        DiskFile file = disk.open(path, Disk.Access.CREATE);
        file.allocate(0, 1);
        Segment segment = new Segment(path, new Layout.Header(first, 0, 0), 0, SIZE);
        segment.begin(first);
        return new MappedSegment(segment, file, file.map(0, 1), true);
    }

    private static void fill(MappedSegment mapped, long end) {
        mapped.segment().publish(mapped.segment().next(), end);
    }

    private Stretch coldest(long syncedNow) {
        synced = syncedNow;
        return Objects.requireNonNull(warmer.coldest());
    }

    /** How much of each segment is warmed until there is nothing left to do. */
    private long warmAll(MappedSegment counted) {
        long all = 0;
        synced = 0;
        for (Stretch cold = warmer.coldest(); cold != null; cold = warmer.coldest()) {
            warmer.warmed(cold);
            all += cold.mapped().equals(counted) ? cold.to() - cold.from() : 0;
        }
        return all;
    }

    @Test
    void aJournalThatIsHardlyUsedIsLeftCold() {
        assertThat(warmer.coldest()).isNull();
        warmer.roll(next, null);
        assertThat(warmer.coldest()).isNull();
    }

    @Test
    void theWarmerStaysALittleAheadOfTheAppender() {
        warmer.advance(active);
        long ahead = warmAll(active);
        assertThat(ahead).isBetween(PageWarmer.STEP, SIZE - PageWarmer.STEP);
        fill(active, active.segment().end() + PageWarmer.STEP - 1);
        assertThat(warmAll(active)).as("less than a step is not worth the lock").isZero();
        fill(active, active.segment().end() + 1);
        assertThat(warmAll(active)).isEqualTo(PageWarmer.STEP);
    }

    @Test
    void pagesThatTheAppenderPassedAreNotWarmed() {
        warmer.advance(active);
        fill(active, 3 * PageWarmer.STEP);
        assertThat(coldest(0).from()).isEqualTo(active.segment().end());
    }

    @Test
    void theWarmerGoesOnIntoTheNextSegmentBeforeTheAppenderDoes() {
        warmer.advance(active);
        fill(active, SIZE - PageWarmer.STEP);
        long ahead = warmAll(next);
        assertThat(ahead).isBetween(PageWarmer.STEP, SIZE - PageWarmer.STEP);
        warmer.roll(next, active);
        ready.clear();
        assertThat(coldest(0).from()).as("what is warm stays known").isGreaterThanOrEqualTo(ahead);
    }

    @Test
    void withoutANextSegmentOnlyTheActiveOneIsWarmed() {
        warmer.advance(active);
        fill(active, SIZE - PageWarmer.STEP);
        ready.clear();
        assertThat(warmAll(active)).isEqualTo(PageWarmer.STEP);
        assertThat(warmer.coldest()).isNull();
    }

    @Test
    void pagesOfAJournalThatIsSyncedAreOnlyRead() throws IOException {
        warmer.advance(active);
        assertThat(coldest(0).forStores()).isTrue();
        assertThat(coldest(1).forStores()).isFalse();
        warmer.roll(next, active);
        assertThat(coldest(0).forStores()).isTrue();
        assertThat(coldest(1).forStores())
                .as("a sync in the segment before announces more of them")
                .isFalse();
        warmer.roll(segment(2001), next);
        assertThat(coldest(1).forStores()).as("that was long ago").isTrue();
        assertThat(coldest(1001).forStores()).isFalse();
    }

    /** As a trim syncs it: once, when its first frames replace those that go. */
    @Test
    void pagesOfAJournalThatIsSyncedOnceASegmentAreReadyForStoresHalfAsFarAsItCame() {
        warmer.advance(active);
        assertThat(coldest(1).forStores()).isFalse();
        fill(active, 4 * PageWarmer.STEP);
        Stretch ready = coldest(1);
        assertThat(ready.forStores()).isTrue();
        long from = active.segment().end();
        long came = from - Layout.HEADER;
        long all = 0;
        for (Stretch cold = ready; cold != null && cold.forStores(); cold = warmer.coldest()) {
            warmer.warmed(cold);
            all += cold.to() - cold.from();
        }
        assertThat(all).isBetween(PageWarmer.STEP, came / 2);
        assertThat(coldest(2).forStores()).as("another sync").isFalse();
    }

    @Test
    void aSyncOfTheNextSegmentWritesNoPageThatIsOnlyReady() {
        warmer.advance(active);
        assertThat(coldest(1)).isNotNull();
        fill(active, SIZE - PageWarmer.STEP);
        synced = 1;
        List<Boolean> stores = new ArrayList<>();
        for (Stretch cold = warmer.coldest(); cold != null; cold = warmer.coldest()) {
            warmer.warmed(cold);
            if (cold.mapped().equals(next)) {
                stores.add(cold.forStores());
            }
        }
        assertThat(stores).isNotEmpty().containsOnly(false);
    }
}
