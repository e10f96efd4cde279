package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Digests that share runs, beside the JDK's. */
class DigestSchedulerTest {
    private static final int KIB = 1024;

    /** Lanes without vectors, which count what they are given. */
    private static final class PlainLanes implements Md5Lanes {
        private final List<Integer> runs = new ArrayList<>();

        @Override
        public boolean prepare(IntFunction<Source> sample) {
            return true;
        }

        @Override
        public int count() {
            return 16;
        }

        @Override
        public int worthwhile() {
            return 4;
        }

        @Override
        public void advance(int[][] states, Source[] bodies, int lanes, int blocks) {
            synchronized (runs) {
                runs.add(lanes);
            }
            int[] words = new int[Md5Block.WORDS];
            for (int lane = 0; lane < lanes; lane++) {
                for (int block = 0; block < blocks; block++) {
                    bodies[lane].take(1, words, 0);
                    Md5Block.compress(states[lane], words, 0);
                }
            }
        }
    }

    /** A clock on which a wait ends when its time is over, at once; meanwhile something happens. */
    private static final class SteppingClock implements Clock {
        private Runnable meanwhile = () -> {};
        private long nanos;
        private boolean interrupting;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public Instant wall() {
            throw new AssertionError("a digest has nothing to do with the time of day");
        }

        @Override
        public void await(Lock lock, Condition condition, long deadline)
                throws InterruptedException {
            if (interrupting) {
                throw new InterruptedException();
            }
            meanwhile.run();
            nanos = deadline;
        }
    }

    private final PlainLanes lanes = new PlainLanes();
    private final SteppingClock clock = new SteppingClock();
    private final DigestScheduler scheduler = new DigestScheduler(lanes, 2, clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Random random = new Random(3);

    @AfterEach
    void end() {
        threads.close();
    }

    private ByteBuffer bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return ByteBuffer.allocateDirect(count).put(bytes).flip();
    }

    /** Adds a body in pieces of random sizes. */
    private LaneDigest digestOf(ByteBuffer body, int largest) {
        LaneDigest digest = new LaneDigest(scheduler);
        for (int at = 0; at < body.limit(); ) {
            int length = Math.min(1 + random.nextInt(largest), body.limit() - at);
            digest.add(body.slice(at, length));
            at += length;
        }
        return digest;
    }

    @Test
    void everyShortLengthHasTheDigestOfTheJdk() {
        for (int length = 0; length <= 300; length++) {
            ByteBuffer body = bytes(length);
            assertThat(digestOf(body, 100).finish()).as("%d bytes", length).isEqualTo(Md5.of(body));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 15, 16, 17, 40})
    void bodiesOfAllLengthsSideBySideHaveTheDigestsOfTheJdk(int count) throws Exception {
        List<ByteBuffer> bodies = new ArrayList<>();
        List<Future<Md5>> results = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(1);
        for (int i = 0; i < count; i++) {
            ByteBuffer body = bytes(random.nextInt(i % 3 == 0 ? 200 : 200 * KIB));
            LaneDigest digest = digestOf(body, i % 2 == 0 ? 100_000 : 700);
            bodies.add(body);
            results.add(
                    threads.submit(() -> {
                        all.await();
                        return digest.finish();
                    }));
        }
        all.countDown();
        for (int i = 0; i < count; i++) {
            assertThat(results.get(i).get(5, TimeUnit.MINUTES)).isEqualTo(Md5.of(bodies.get(i)));
        }
    }

    @Test
    void bodiesInHandComeAlongBeforeTheirDigestsAreNeeded() {
        List<ByteBuffer> bodies = new ArrayList<>();
        List<LaneDigest> digests = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            ByteBuffer body = bytes(64 * KIB);
            LaneDigest digest = new LaneDigest(scheduler);
            digest.add(body);
            bodies.add(body);
            digests.add(digest);
        }
        assertThat(digests.getFirst().finish()).isEqualTo(Md5.of(bodies.getFirst()));
        assertThat(lanes.runs).containsExactly(16);
        for (int i = 1; i < 16; i++) {
            assertThat(digests.get(i).finish()).isEqualTo(Md5.of(bodies.get(i)));
        }
        assertThat(lanes.runs).containsExactly(16);
    }

    @Test
    void tooFewBodiesAreDigestedWithoutTheLanes() {
        List<LaneDigest> digests = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            LaneDigest digest = new LaneDigest(scheduler);
            digest.add(bytes(64 * KIB));
            digests.add(digest);
        }
        digests.forEach(LaneDigest::finish);
        assertThat(lanes.runs).isEmpty();
    }

    @Test
    void aSettledDigestGoesOnWithOtherBytesInTheSameMemory() {
        ByteBuffer body = bytes(300 * KIB + 7);
        ByteBuffer memory = ByteBuffer.allocateDirect(10_007);
        LaneDigest digest = new LaneDigest(scheduler);
        ByteBuffer left = body.duplicate();
        while (left.hasRemaining()) {
            int length = Math.min(memory.capacity(), left.remaining());
            memory.clear().put(left.slice(left.position(), length)).flip();
            left.position(left.position() + length);
            digest.add(memory);
            digest.settle();
        }
        assertThat(digest.finish()).isEqualTo(Md5.of(body));
    }

    @Test
    void aFaultOfARunFailsAllItsDigestsAndNoOther() {
        Error broken = new Error("broken");
        Md5Lanes failing =
                new Md5Lanes() {
                    @Override
                    public boolean prepare(IntFunction<Source> sample) {
                        return true;
                    }

                    @Override
                    public int count() {
                        return 16;
                    }

                    @Override
                    public int worthwhile() {
                        return 2;
                    }

                    @Override
                    public void advance(int[][] states, Source[] bodies, int lanes, int blocks) {
                        throw broken;
                    }
                };
        DigestScheduler unlucky = new DigestScheduler(failing, 2, Clock.system());
        LaneDigest one = new LaneDigest(unlucky);
        LaneDigest two = new LaneDigest(unlucky);
        one.add(bytes(64 * KIB));
        two.add(bytes(64 * KIB));
        assertThatThrownBy(one::finish).isInstanceOf(IllegalStateException.class).hasCause(broken);
        assertThatThrownBy(two::finish).isInstanceOf(IllegalStateException.class).hasCause(broken);
        ByteBuffer later = bytes(64 * KIB);
        LaneDigest alone = new LaneDigest(unlucky);
        alone.add(later);
        assertThat(alone.finish()).isEqualTo(Md5.of(later));
    }

    @Test
    void aDroppedBodyComesAlongNoMore() {
        List<LaneDigest> digests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            LaneDigest digest = new LaneDigest(scheduler);
            digest.add(bytes(64 * KIB));
            digests.add(digest);
        }
        digests.getFirst().drop();
        digests.getLast().finish();
        assertThat(lanes.runs).isEmpty();
    }

    private List<LaneDigest> begun(int count) {
        return IntStream.range(0, count).mapToObj(_ -> new LaneDigest(scheduler)).toList();
    }

    private void finishes(LaneDigest digest, ByteBuffer body) {
        digest.add(body);
        assertThat(digest.finish()).isEqualTo(Md5.of(body));
    }

    @Test
    void aBodyWaitsForThoseThatComeUntilTheLanesAreFull() {
        List<LaneDigest> digests = begun(16);
        clock.meanwhile =
                () -> digests.subList(1, 16).forEach(digest -> digest.add(bytes(64 * KIB)));
        finishes(digests.getFirst(), bytes(64 * KIB));
        assertThat(lanes.runs).containsExactly(16);
    }

    @Test
    void aBodyWaitsNoLongerWhereNoneComes() {
        finishes(begun(3).getFirst(), bytes(4096 * KIB));
        assertThat(clock.nanos).isEqualTo(DigestScheduler.QUIET);
    }

    @Test
    void aBodyWaitsALimitedTimeThoughPiecesCome() {
        List<LaneDigest> digests = begun(3);
        clock.meanwhile = () -> digests.getLast().add(bytes(1));
        finishes(digests.getFirst(), bytes(4096 * KIB));
        assertThat(clock.nanos).isEqualTo(DigestScheduler.LONGEST_WAIT);
    }

    @Test
    void aSmallBodyWaitsFourTimesItsOwnDigest() {
        List<LaneDigest> digests = begun(3);
        clock.meanwhile = () -> digests.getLast().add(bytes(1));
        finishes(digests.getFirst(), bytes(64 * KIB));
        assertThat(clock.nanos).isEqualTo(4 * 80 * 1024);
    }

    @Test
    void aBodyWithAProcessorOfItsOwnWaitsForNone() {
        List<LaneDigest> ended = begun(20);
        ended.subList(0, 10).forEach(LaneDigest::finish);
        ended.forEach(LaneDigest::drop);
        finishes(begun(2).getFirst(), bytes(64 * KIB));
        assertThat(clock.nanos).isZero();
    }

    @Test
    void aBodyWaitsForNoneWhereHalfOfTheLanesAreFull() {
        List<LaneDigest> digests = begun(20);
        digests.subList(1, 8).forEach(digest -> digest.add(bytes(64 * KIB)));
        finishes(digests.getFirst(), bytes(64 * KIB));
        assertThat(clock.nanos).isZero();
        assertThat(lanes.runs).containsExactly(8);
    }

    @Test
    void aBodyOfFewBlocksWaitsForNone() {
        finishes(begun(3).getFirst(), bytes(DigestScheduler.FEW * Md5Block.BYTES));
        assertThat(clock.nanos).isZero();
    }

    @Test
    void theBodyThatFillsHalfOfTheLanesWakesThoseThatWait() throws Exception {
        ManualClock still = new ManualClock();
        DigestScheduler waiting = new DigestScheduler(lanes, 2, still);
        List<LaneDigest> digests =
                IntStream.range(0, 16).mapToObj(_ -> new LaneDigest(waiting)).toList();
        ByteBuffer body = bytes(64 * KIB);
        digests.getFirst().add(body);
        Future<Md5> first = threads.submit(() -> digests.getFirst().finish());
        still.awaitWaiters(1);
        digests.subList(1, 8).forEach(digest -> digest.add(bytes(64 * KIB)));
        try {
            assertThat(first).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Md5.of(body));
        } finally {
            still.advance(Duration.ofNanos(DigestScheduler.LONGEST_WAIT)); // Ends it in any case.
        }
        assertThat(lanes.runs).containsExactly(8);
    }

    @Test
    void anInterruptEndsTheWaitAndNotTheDigest() {
        clock.interrupting = true;
        finishes(begun(3).getFirst(), bytes(64 * KIB));
        assertThat(Thread.interrupted()).isTrue();
    }
}
