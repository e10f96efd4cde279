package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zeros that are written ahead of the appender never overwrite a frame. */
class PageFillerTest {
    private static final long PIECE = PageFiller.PIECE;
    private static final long SIZE = 8 * PIECE;
    private static final int FRAMES = 60_000;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final PageFiller filler = new PageFiller();

    private MappedSegment segment(long number) throws IOException {
        Path path = Path.of("/" + number);
        DiskFile file = disk.open(path, Disk.Access.CREATE);
        file.writeFully(ByteBuffer.wrap(ones((int) SIZE)), 0);
        Segment segment = new Segment(path, new Layout.Header(number, 0, 0), 0, SIZE);
        return new MappedSegment(segment, file, file.map(0, SIZE), true);
    }

    private static byte[] ones(int length) {
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) 1);
        return ones;
    }

    /** How many bytes in front of the first zero are left. */
    private static long untouched(MappedSegment mapped) {
        byte[] all = new byte[(int) SIZE];
        mapped.mapping().get(0, all, 0, all.length);
        int first = 0;
        while (first < all.length && all[first] == 1) {
            first++;
        }
        return first;
    }

    private void fillAll(MappedSegment mapped) throws IOException {
        for (long at = 0; at < SIZE; at += PIECE) {
            filler.fill(mapped, at, at + PIECE);
        }
    }

    @Test
    void zerosGoBehindWhatIsClaimedAndOverALaterSegment() throws Exception {
        MappedSegment first = segment(1);
        MappedSegment second = segment(2);
        filler.begin(first.segment(), 100_000);
        long claimed = filler.claim(2 * PIECE + 1);
        assertThat(claimed).isGreaterThan(2 * PIECE);
        fillAll(first);
        assertThat(untouched(first)).isEqualTo(claimed);
        fillAll(second);
        assertThat(untouched(second)).as("its header").isEqualTo(Layout.HEADER);
    }

    @Test
    void aClaimThatIsSmallerThanTheLastOneGivesNothingBack() throws Exception {
        MappedSegment only = segment(1);
        filler.begin(only.segment(), 0);
        long claimed = filler.claim(3 * PIECE);
        assertThat(filler.claim(PIECE)).isEqualTo(claimed);
        fillAll(only);
        assertThat(untouched(only)).isEqualTo(claimed);
    }

    @Test
    void aSegmentThatTheAppenderLeftGetsNoZeros() throws Exception {
        MappedSegment first = segment(1);
        filler.begin(first.segment(), 0);
        filler.begin(segment(2).segment(), 0);
        fillAll(first);
        assertThat(untouched(first)).isEqualTo(SIZE);
    }

    /** A piece of the active segment that is held while it is written. */
    private final class Held implements AutoCloseable {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final MappedSegment mapped;
        private final FutureTask<?> fill;

        Held(MappedSegment mapped) throws InterruptedException {
            this.mapped = mapped;
            disk.faults(this::hold);
            fill =
                    new FutureTask<>(() -> {
                        filler.fill(mapped, 4 * PIECE, 5 * PIECE);
                        return true;
                    });
            Thread.ofPlatform().start(fill);
            inside.await();
        }

        private long hold(DiskCall call) throws IOException {
            if (call.kind() == Kind.WRITE) {
                inside.countDown();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    throw new IOException("the test was interrupted", e);
                }
            }
            return call.length();
        }

        /** Whether {@code step}, and a store behind it, come after the zeros. */
        private void isWaitedForBy(Runnable step) throws Exception {
            FutureTask<?> appender =
                    new FutureTask<>(() -> {
                        step.run();
                        mapped.mapping().put(4 * PIECE, ones((int) PIECE), 0, (int) PIECE);
                        return true;
                    });
            Thread thread = Thread.ofPlatform().start(appender);
            JournalTest.until(
                    "the appender waits or is done",
                    () -> thread.getState() == Thread.State.WAITING || appender.isDone());
            close();
            appender.get(1, TimeUnit.MINUTES);
            fill.get(1, TimeUnit.MINUTES);
            assertThat(untouched(mapped)).as("the frames are there").isEqualTo(SIZE);
        }

        @Override
        public void close() {
            released.countDown();
        }
    }

    @Test
    void aClaimWaitsForThePieceInItsWay() throws Exception {
        MappedSegment only = segment(1);
        filler.begin(only.segment(), 0);
        try (Held piece = new Held(only)) {
            assertThat(filler.claim(4 * PIECE)).as("not for one behind").isEqualTo(4 * PIECE);
            piece.isWaitedForBy(() -> filler.claim(4 * PIECE + 1));
        }
    }

    @Test
    void aChangeOfSegmentWaitsForAnyPiece() throws Exception {
        MappedSegment next = segment(2);
        filler.begin(segment(1).segment(), 0);
        try (Held piece = new Held(next)) {
            piece.isWaitedForBy(() -> filler.begin(next.segment(), SIZE));
        }
        MappedSegment left = segment(3);
        filler.begin(left.segment(), 0);
        MappedSegment later = segment(4);
        try (Held piece = new Held(left)) {
            piece.isWaitedForBy(() -> filler.begin(later.segment(), 0));
        }
    }

    @Test
    void aFillThatFailsHoldsNoAppenderAndAFullDiskIsNoFault() throws Exception {
        MappedSegment only = segment(1);
        filler.begin(only.segment(), 0);
        disk.faults(Faults.failNth(1, call -> call.kind() == Kind.WRITE));
        assertThatThrownBy(() -> fillAll(only)).hasMessageContaining("injected fault");
        disk.faults(Faults.fullAfter(0));
        assertThatCode(() -> fillAll(only)).doesNotThrowAnyException();
        assertThat(filler.claim(SIZE)).isEqualTo(SIZE);
    }

    /** The writes behind headers that other threads make while small frames are appended. */
    private static List<DiskCall> zeros(Durability level, int expected) throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Thread appender = Thread.currentThread();
        List<DiskCall> writes = Collections.synchronizedList(new ArrayList<>());
        disk.faults(call -> {
            boolean frames = call.position() >= Layout.HEADER;
            boolean other = !Thread.currentThread().equals(appender);
            if (call.kind() == Kind.WRITE && frames && other) {
                writes.add(call);
            }
            return call.length();
        });
        JournalSettings settings = JournalSettings.defaults().withSegmentBytes(ByteSize.ofMiB(32));
        try (Journal journal = Journal.open(disk, Clock.system(), Path.of("/journal"), settings)) {
            byte[] payload = new byte[7000];
            for (int i = 0; i < 3000; i++) {
                journal.append(payload, level);
            }
            JournalTest.until("pages are filled", () -> writes.size() >= expected);
        }
        return writes;
    }

    @Test
    void pagesOfNewFilesAreFilledAheadUnlessTheJournalIsSynced() throws Exception {
        assertThat(zeros(Durability.WRITTEN, 20)).hasSizeGreaterThanOrEqualTo(20);
        assertThat(zeros(Durability.SYNCED, 0)).isEmpty();
    }

    /**
     * Small and large frames in turns, so that both ways of storing meet the zeros. They meet by
     * chance, so there are many rounds: with three, a broken build passed once.
     */
    @Test
    void framesOfAllSizesOutliveTheZerosInFrontOfThem(@TempDir Path temp) {
        JournalSettings settings = JournalSettings.defaults().withSegmentBytes(ByteSize.ofMiB(16));
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            List<byte[]> payloads = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                byte[] payload = new byte[random.nextInt(20) == 0 ? 20_000 : 50 + i];
                random.nextBytes(payload);
                payloads.add(payload);
            }
            Path root = temp.resolve("seed-" + seed);
            try (Journal journal = Journal.open(Disk.system(), Clock.system(), root, settings)) {
                for (int i = 0; i < FRAMES; i++) {
                    journal.append(payloads.get(i % 64), Durability.WRITTEN);
                }
                assertThatCode(() -> check(journal, payloads)).doesNotThrowAnyException();
            }
        }
    }

    private static void check(Journal journal, List<byte[]> payloads) {
        try (JournalReader reader = journal.read(1)) {
            for (int i = 0; i < FRAMES; i++) {
                byte[] expected = payloads.get(i % payloads.size());
                assertThat(reader.next())
                        .isInstanceOfSatisfying(
                                Frame.class,
                                frame -> assertThat(frame.payload()).isEqualTo(expected));
            }
        }
    }
}
