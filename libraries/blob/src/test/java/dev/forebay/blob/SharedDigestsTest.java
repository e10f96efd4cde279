package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import dev.forebay.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When lanes are looked for, and which bodies get one. */
class SharedDigestsTest {
    private static final int AFTER = 1000;

    /** Lanes that say when they were prepared, and are never used. */
    private static class IdleLanes implements Md5Lanes {
        final CountDownLatch asked = new CountDownLatch(1);
        final boolean fast;

        IdleLanes(boolean fast) {
            this.fast = fast;
        }

        @Override
        public boolean prepare(IntFunction<Source> sample) {
            asked.countDown();
            return fast;
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
            throw new AssertionError("no body was to be digested here");
        }
    }

    private final AtomicInteger looked = new AtomicInteger();

    private SharedDigests digests(@Nullable Md5Lanes lanes) {
        return digests(lanes, Duration.ofMinutes(5), Clock.system());
    }

    private SharedDigests digests(@Nullable Md5Lanes lanes, Duration longestWait, Clock clock) {
        return new SharedDigests(
                () -> {
                    looked.incrementAndGet();
                    return lanes;
                },
                task -> {
                    Worker _ = Worker.platform("lanes", task, SharedDigestsTest::unexpected);
                },
                AFTER,
                longestWait,
                clock);
    }

    private static void unexpected(Throwable fault) {
        throw new AssertionError("the preparation failed", fault);
    }

    private static void digest(SharedDigests digests, int bytes) {
        ByteBuffer body = ByteBuffer.allocate(bytes);
        BodyDigest digest = digests.begin();
        digest.add(body);
        assertThat(digest.finish()).isEqualTo(Md5.of(body));
    }

    /** How many of {@code count} bodies get lanes. */
    private static int inLanes(SharedDigests digests, int count) {
        int inLanes = 0;
        for (int i = 0; i < count; i++) {
            BodyDigest digest = digests.decide(SharedDigests.SMALL + 1);
            inLanes += digest instanceof LaneDigest ? 1 : 0;
            digest.drop();
            digest.drop(); // A second time does nothing.
        }
        return inLanes;
    }

    /** Waits until bodies get lanes; they are prepared on a thread of their own. */
    private static void awaitLanes(SharedDigests digests) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (System.nanoTime() < end) {
            if (inLanes(digests, 1) > 0) {
                return;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("no body got a lane");
    }

    @Test
    void aShortTransferLooksForNoLanes() {
        SharedDigests digests = digests(new IdleLanes(true));
        digest(digests, AFTER);
        assertThat(looked).hasValue(0);
    }

    @Test
    void afterEnoughBytesBodiesGetLanes() {
        SharedDigests digests = digests(new IdleLanes(true));
        digest(digests, AFTER);
        digest(digests, 1);
        awaitLanes(digests);
        assertThat(inLanes(digests, 6)).isEqualTo(6);
        digest(digests, 100);
        assertThat(looked).hasValue(1);
    }

    @Test
    void bodyThatWouldBeAloneInItsLaneIsDigestedByTheJdk() {
        SharedDigests digests = digests(new IdleLanes(true));
        digests.prepareAhead();
        awaitLanes(digests);
        assertThat(digests.decide(SharedDigests.SMALL)).isInstanceOf(JdkDigest.class);
    }

    /** Lanes that say how many bodies the largest run had. */
    private static final class CountedLanes extends IdleLanes {
        int most;

        CountedLanes() {
            super(true);
        }

        @Override
        public void advance(int[][] states, Source[] bodies, int lanes, int blocks) {
            most = Math.max(most, lanes);
        }
    }

    @Test
    void bodiesWhoseDigestsAreNotNeededYetAreTakenAlong() {
        CountedLanes lanes = new CountedLanes();
        SharedDigests digests = digests(lanes);
        digests.prepareAhead();
        awaitLanes(digests);
        List<BodyDigest> begun = new ArrayList<>();
        for (int i = 0; i < lanes.count(); i++) {
            BodyDigest digest = digests.begin();
            digest.add(ByteBuffer.allocate(SharedDigests.SMALL));
            digest.add(ByteBuffer.allocate(SharedDigests.SMALL));
            begun.add(digest);
        }
        Md5 _ = begun.getFirst().finish();
        begun.forEach(BodyDigest::drop);
        assertThat(lanes.most).isEqualTo(lanes.count());
    }

    /** No other body is in hand, so the lanes themselves are not used. */
    @Test
    void bodyThatGetsItsLaneInTheMiddleIsDigestedWhole() {
        SharedDigests digests = digests(new IdleLanes(true));
        digests.prepareAhead();
        awaitLanes(digests);
        ByteBuffer body = ByteBuffer.allocate(3 * SharedDigests.SMALL);
        for (int i = 0; i < body.capacity(); i++) {
            body.put(i, (byte) (i * 31 >> 3));
        }
        BodyDigest digest = digests.begin();
        int piece = SharedDigests.SMALL / 4 + 1;
        for (int from = 0; from < body.capacity(); from += piece) {
            digest.add(body.slice(from, Math.min(piece, body.capacity() - from)));
        }
        assertThat(digest.finish()).isEqualTo(Md5.of(body));
    }

    @Test
    void aLargeTransferThatIsAnnouncedHasLanesPreparedAtOnce() throws InterruptedException {
        IdleLanes lanes = new IdleLanes(true);
        SharedDigests digests = digests(lanes);
        digests.expect(2 * AFTER - 1);
        assertThat(looked).hasValue(0);
        digests.expect(2 * AFTER);
        digests.expect(Long.MAX_VALUE);
        assertThat(lanes.asked.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(looked).hasValue(1);
    }

    /** Lanes that are not ready until they are released. */
    private static final class LateLanes extends IdleLanes {
        final CountDownLatch ready = new CountDownLatch(1);

        LateLanes() {
            super(true);
        }

        @Override
        public boolean prepare(IntFunction<Source> sample) {
            await(ready);
            return super.prepare(sample);
        }
    }

    /** A clock that fails the test if a body waits. */
    private static final class NoWait implements Clock {
        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Instant wall() {
            return Instant.EPOCH;
        }

        @Override
        public void await(Lock lock, Condition condition, long deadline) {
            throw new AssertionError("a body waits");
        }
    }

    @Test
    void noBodyWaitsForLanesThatArePreparedAhead() {
        LateLanes late = new LateLanes();
        SharedDigests digests = digests(late, Duration.ofMinutes(5), new NoWait());
        digests.prepareAhead();
        digest(digests, SharedDigests.LARGE);
        late.ready.countDown();
        awaitLanes(digests);
        assertThat(looked).hasValue(1);
    }

    @Test
    void whileLanesArePreparedTheJdkLeavesHalfOfTheProcessors() throws Exception {
        int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        LateLanes late = new LateLanes();
        SharedDigests digests = digests(late);
        digests.expect(Long.MAX_VALUE);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(half);
        CountDownLatch leave = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < half + 4; i++) {
                parts.add(
                        threads.submit(() -> {
                            digests.digest(() -> {
                                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                                full.countDown();
                                await(leave);
                                now.decrementAndGet();
                            });
                        }));
            }
            await(full);
            leave.countDown();
            for (Future<?> part : parts) {
                part.get();
            }
            late.ready.countDown();
        }
        assertThat(most).hasValue(half);
    }

    /** Decides on a thread of its own, and returns once that waits. */
    private static FutureTask<BodyDigest> waiting(SharedDigests digests) {
        FutureTask<BodyDigest> decision =
                new FutureTask<>(() -> digests.decide(SharedDigests.LARGE));
        Thread thread = Thread.ofPlatform().daemon().start(decision);
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!isWaiting(thread.getState()) && !decision.isDone()) {
            assertThat(System.nanoTime() - end).as("the body waits").isNegative();
            Thread.onSpinWait();
        }
        return decision;
    }

    private static boolean isWaiting(Thread.State state) {
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    @Test
    void largeBodyWaitsForLanesThatArePreparedAndSmallOnesDoNot() throws Exception {
        LateLanes late = new LateLanes();
        SharedDigests digests = digests(late);
        assertThat(digests.decide(Long.MAX_VALUE)).isInstanceOf(JdkDigest.class);
        digests.expect(Long.MAX_VALUE);
        FutureTask<BodyDigest> large = waiting(digests);
        assertThat(digests.decide(SharedDigests.LARGE - 1)).isInstanceOf(JdkDigest.class);
        assertThat(large).isNotDone();
        late.ready.countDown();
        BodyDigest digest = large.get(5, TimeUnit.MINUTES);
        assertThat(digest).isInstanceOf(LaneDigest.class);
        digest.drop();
    }

    @Test
    void noBodyWaitsLongerThanTheLongestWait() throws Exception {
        ManualClock clock = new ManualClock();
        LateLanes late = new LateLanes();
        SharedDigests digests = digests(late, Duration.ofSeconds(2), clock);
        digests.expect(Long.MAX_VALUE);
        FutureTask<BodyDigest> large = waiting(digests);
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(large).isNotDone();
        clock.advance(Duration.ofSeconds(1));
        assertThat(large).succeedsWithin(Duration.ofSeconds(20)).isInstanceOf(JdkDigest.class);
        assertThat(digests.decide(SharedDigests.LARGE)).isInstanceOf(JdkDigest.class);
        late.ready.countDown();
    }

    @Test
    void bodyThatWaitsGoesOnWhenTheLanesCannotBePrepared() {
        CountDownLatch go = new CountDownLatch(1);
        SharedDigests digests =
                new SharedDigests(
                        () -> {
                            await(go);
                            throw new IllegalStateException("no lanes");
                        },
                        task -> {
                            Worker _ = Worker.platform("lanes", task, _ -> {});
                        },
                        AFTER,
                        Duration.ofMinutes(5),
                        Clock.system());
        digests.expect(Long.MAX_VALUE);
        FutureTask<BodyDigest> large = waiting(digests);
        go.countDown();
        assertThat(large).succeedsWithin(Duration.ofSeconds(20)).isInstanceOf(JdkDigest.class);
    }

    @Test
    void interruptEndsTheWaitAndIsKept() {
        LateLanes late = new LateLanes();
        SharedDigests digests = digests(late);
        digests.expect(Long.MAX_VALUE);
        Thread.currentThread().interrupt();
        assertThat(digests.decide(SharedDigests.LARGE)).isInstanceOf(JdkDigest.class);
        assertThat(Thread.interrupted()).isTrue();
        late.ready.countDown();
    }

    /** The bytes come in pieces before it is decided and after it. */
    @Test
    void bodyThatBeganBeforeThereWereLanesIsDigestedWhole() {
        SharedDigests digests = digests(null);
        ByteBuffer body = ByteBuffer.allocate(1000);
        for (int i = 0; i < body.capacity(); i++) {
            body.put(i, (byte) i);
        }
        for (int settled = 0; settled <= 10; settled++) {
            BodyDigest digest = digests.begin();
            for (int piece = 0; piece < 10; piece++) {
                if (piece == settled) {
                    digest.settle();
                }
                digest.add(body.slice(piece * 100, 100));
            }
            assertThat(digest.finish()).isEqualTo(Md5.of(body));
            digest.drop();
        }
    }

    @Test
    void withoutAThreadForTheLanesTheJdkDigestsOnAllProcessors() throws Exception {
        SharedDigests digests =
                new SharedDigests(
                        () -> {
                            throw new AssertionError("no thread was to look for lanes");
                        },
                        _ -> {
                            throw new OutOfMemoryError("unable to create native thread");
                        },
                        AFTER,
                        Duration.ofMinutes(5),
                        Clock.system());
        digest(digests, AFTER + 1);
        digests.expect(Long.MAX_VALUE);
        int many = Runtime.getRuntime().availableProcessors() + 4;
        CountDownLatch all = new CountDownLatch(many);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> parts = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                parts.add(
                        threads.submit(() -> {
                            AtomicBoolean together = new AtomicBoolean();
                            digests.digest(() -> {
                                all.countDown();
                                together.set(came(all, end));
                            });
                            return together.get();
                        }));
            }
            for (Future<Boolean> part : parts) {
                assertThat(part.get()).as("all digest at one time").isTrue();
            }
        }
    }

    private static boolean came(CountDownLatch latch, long end) {
        try {
            return latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void lanesThatAreNotFastAreNotUsed() throws InterruptedException {
        IdleLanes slow = new IdleLanes(false);
        SharedDigests digests = digests(slow);
        digest(digests, AFTER + 1);
        assertThat(slow.asked.await(5, TimeUnit.MINUTES)).isTrue();
        for (int i = 0; i < 1000; i++) {
            assertThat(inLanes(digests, 10)).isZero();
        }
        assertThat(looked).hasValue(1);
    }
}
