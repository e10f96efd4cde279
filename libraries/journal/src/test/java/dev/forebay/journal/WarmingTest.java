package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.journal.Warming.Stretch;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which pages are made ready next, and for what. */
class WarmingTest {
    private static final long SIZE = 8 * Warming.STEP;

    private final Warming warming = new Warming();
    private final Segment active = segment(1);
    private final Segment next = segment(1001);
    private final Deque<Segment> ready = new ArrayDeque<>();

    WarmingTest() {
        ready.add(next);
    }

    private static Segment segment(long first) {
        Segment segment =
                new Segment(
                        Path.of("/journal", "" + first), new Layout.Header(first, 0, 0), 0, SIZE);
        segment.begin(first);
        return segment;
    }

    private Stretch coldest(long synced) {
        return Objects.requireNonNull(warming.coldest(ready, synced));
    }

    /** How much is warmed until there is nothing left to do. */
    private long warmAll() {
        long all = 0;
        for (Stretch cold = warming.coldest(ready, 0);
                cold != null;
                cold = warming.coldest(ready, 0)) {
            cold.segment().warm = cold.to();
            all += cold.to() - cold.from();
        }
        return all;
    }

    @Test
    void aJournalThatIsHardlyUsedIsLeftCold() {
        assertThat(warming.coldest(ready, 0)).isNull();
        warming.roll(next);
        assertThat(warming.coldest(ready, 0)).isNull();
    }

    @Test
    void itStaysALittleAheadOfTheAppender() {
        warming.begin(active);
        long ahead = warmAll();
        assertThat(ahead).isBetween(Warming.STEP, SIZE - Warming.STEP);
        assertThat(next.warm).isZero();
        active.end += Warming.STEP - 1;
        assertThat(warmAll()).as("less than a step is not worth the journal's lock").isZero();
        active.end += 1;
        assertThat(warmAll()).isEqualTo(Warming.STEP);
    }

    @Test
    void whatTheAppenderPassedIsNotWarmedAnyMore() {
        warming.begin(active);
        active.end = 3 * Warming.STEP;
        assertThat(coldest(0).from()).isEqualTo(active.end);
    }

    @Test
    void itGoesOnIntoTheNextSegmentBeforeTheAppenderDoes() {
        warming.begin(active);
        active.end = SIZE - Warming.STEP;
        warmAll();
        assertThat(active.warm).isEqualTo(SIZE);
        assertThat(next.warm).isBetween(Warming.STEP, SIZE - Warming.STEP);
        ready.clear();
        assertThat(warming.coldest(ready, 0)).isNull();
    }

    @Test
    void pagesOfAJournalThatIsSyncedAreOnlyRead() {
        warming.begin(active);
        assertThat(coldest(0).forStores()).isTrue();
        assertThat(coldest(1).forStores()).isFalse();
        warming.roll(next);
        assertThat(coldest(0).forStores()).isTrue();
        assertThat(coldest(1).forStores())
                .as("a sync in the segment before tells of more to come")
                .isFalse();
        warming.roll(segment(2001));
        assertThat(coldest(1).forStores()).as("that was long ago").isTrue();
        assertThat(coldest(1001).forStores()).isFalse();
    }
}
