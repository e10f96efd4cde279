package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a block is closed, and how much memory all of them have. */
class FlushAndMemoryTest {
    /** Large enough that six of them are more than what small blocks may take. */
    private static final int BLOCK = 256 << 10;

    /** How long a slow machine may take for what is due at once. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();

    private final MemoryBudget budget = MemoryBudget.of(ByteSize.ofMiB(64), "the setting");

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private BlockQueue queue(Clock clock, int blockSize, int most, Duration flush) {
        assertThat(budget.claimFirst(BlockQueue.firstClaim(blockSize, flush.toNanos()))).isTrue();
        return new BlockQueue(clock, budget, blockSize, most, flush.toNanos());
    }

    @Test
    void aTrickleIsFlushedByTimeWithNoNewInput() throws Exception {
        ManualClock clock = new ManualClock();
        HeldInput input = new HeldInput();
        input.give(new byte[] {1, 2, 3});
        WriteOptions options =
                Streams.WRITE.withFlushInterval(Duration.ofSeconds(1)).withClock(clock);
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(container, options).write(input));
        input.awaitIdle();
        clock.awaitWaiters(1);
        clock.advance(Duration.ofMillis(999));
        assertThat(container.names()).doesNotContain(BlobNumber.nameOf(0));
        clock.awaitWaiters(1);
        clock.advance(Duration.ofMillis(1));
        awaitBlob(0);
        assertThat(container.body(BlobNumber.nameOf(0))).containsExactly(1, 2, 3);
        // Idle time makes no empty blocks: the next one begins with its first byte.
        clock.advance(Duration.ofSeconds(100));
        input.give(new byte[] {4});
        input.awaitIdle();
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(1));
        awaitBlob(1);
        input.end();
        assertThat(write.get().blobs()).isEqualTo(2);
        assertThat(container.body(BlobNumber.nameOf(1))).containsExactly(4);
    }

    private void awaitBlob(int number) {
        Lookup found =
                container.get(
                        BlobNumber.nameOf(number),
                        Wait.upTo(Duration.ofMinutes(1), EndMarker.NAME));
        assertThat(found).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void aBlockIsClosedByTimeAlsoWhileEveryUploadIsStalled() throws Exception {
        ManualClock clock = new ManualClock();
        FaultyContainer stalled = new FaultyContainer(container, 0, 0);
        HeldInput input = new HeldInput();
        WriteOptions options =
                Streams.WRITE.withDop(2).withFlushInterval(Duration.ofSeconds(1)).withClock(clock);
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(stalled, options).write(input));
        input.awaitIdle();
        stalled.holdPuts();
        for (byte i = 0; i < 3; i++) {
            input.give(new byte[] {i});
            input.awaitIdle();
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(1));
            stalled.awaitHeldPuts(Math.min(i + 1, 2));
        }
        input.end();
        stalled.letPutsGo();
        assertThat(write.get().blobs()).isEqualTo(3);
        assertThat(Streams.read(container)).containsExactly(0, 1, 2);
    }

    @Test
    void aStalledContainerHoldsTheInputAtTheMemoryBound() throws Exception {
        FaultyContainer stalled = new FaultyContainer(container, 0, 0);
        HeldInput input = new HeldInput();
        int dop = 4;
        WriteOptions options = Streams.WRITE.withDop(dop).withBlockSize(ByteSize.of(BLOCK));
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(stalled, options).write(input));
        input.awaitIdle();
        stalled.holdPuts();
        byte[] bytes = Streams.random(9, 20 * BLOCK);
        input.give(bytes);
        stalled.awaitHeldPuts(dop);
        // The input is read on while uploads stand still, up to 8 blocks of memory and no further.
        input.awaitRead(8 * BLOCK);
        assertThat(input.bytesRead()).isEqualTo(8 * BLOCK);
        input.end();
        stalled.letPutsGo();
        write.get();
        assertThat(Streams.read(container)).isEqualTo(bytes);
    }

    @Test
    void timeClosesBlockWhileNoneBeforeWasGivenBack() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = queue(clock, 10, 3, Duration.ofSeconds(1));
        HeldInput input = new HeldInput();
        Future<?> feeding =
                threads.submit(() -> {
                    queue.feed(input);
                    return null;
                });
        Future<?> closing =
                threads.submit(() -> {
                    queue.closeByTime();
                    return null;
                });
        for (byte i = 0; i < 3; i++) {
            input.give(new byte[] {i});
            input.awaitIdle();
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(1));
            byte expected = i;
            assertThat(threads.submit(() -> queue.take(1).getFirst()))
                    .succeedsWithin(PATIENCE)
                    .satisfies(block ->
                            assertThat(block.body().pieces().getFirst().get(0))
                                    .isEqualTo(expected));
        }
        queue.stop();
        closing.get();
        feeding.cancel(true);
    }

    @Test
    void theQueueNeverHasMoreMemoryThanItMay() throws Exception {
        staysWithin(3L << 20, 1 << 20, 3, 20);
    }

    @Test
    void smallBlocksTakeAtMostAMebibyte() throws Exception {
        staysWithin(1 << 20, 1024, 3, 5000);
    }

    private void staysWithin(long most, int blockSize, int full, int blocks) throws Exception {
        BlockQueue queue = queue(new ManualClock(), blockSize, full, Duration.ZERO);
        HeldInput input = new HeldInput();
        input.give(new byte[blocks * blockSize]);
        Future<?> feeding =
                threads.submit(() -> {
                    queue.feed(input);
                    return null;
                });
        input.awaitRead(most / MemoryBudget.roomFor(blockSize) * blockSize);
        for (int i = 0; i < blocks; i++) {
            assertThat(queue.memory()).isLessThanOrEqualTo(most);
            Block block = queue.take(1).getFirst();
            assertThat(block.number()).isEqualTo(i);
            queue.release(block, true);
        }
        input.end();
        feeding.get();
        Block last = queue.take(1).getFirst();
        assertThat(last.size()).isZero();
        assertThat(queue.take(1)).isEmpty();
    }

    @Test
    void smallBlocksAreTakenTogetherAndLargerOnesAlone() throws Exception {
        int small = SmallBlob.LARGEST;
        BlockQueue queue = queue(new ManualClock(), small + 1, 40, Duration.ofHours(1));
        // Five that are too large by a byte, one of a byte, and the end.
        feedAll(queue, new byte[5 * (small + 1) + 1]);
        for (int i = 0; i < 5; i++) {
            assertThat(numbers(queue.take(64))).containsExactly((long) i);
        }
        assertThat(numbers(queue.take(64))).containsExactly(5L, 6L);
        BlockQueue ofSmall = queue(new ManualClock(), small, 40, Duration.ZERO);
        feedAll(ofSmall, new byte[13 * small]);
        assertThat(numbers(ofSmall.take(1))).containsExactly(0L);
        assertThat(numbers(ofSmall.take(3))).containsExactly(1L, 2L, 3L);
        assertThat(ofSmall.take(64)).hasSize(SmallBlob.MOST_BYTES / small);
        assertThat(numbers(ofSmall.take(64))).containsExactly(12L, 13L);
        assertThat(ofSmall.take(64)).isEmpty();
    }

    private void feedAll(BlockQueue queue, byte[] bytes) throws Exception {
        HeldInput input = new HeldInput();
        input.give(bytes);
        input.end();
        queue.feed(input);
    }

    private static List<Long> numbers(List<Block> blocks) {
        return blocks.stream().map(Block::number).toList();
    }

    /**
     * Gives the queue blocks of so many bytes, each closed by time; none is given back at first.
     */
    private long memoryOf(BlockQueue queue, ManualClock clock, int blocks, int size)
            throws Exception {
        HeldInput input = new HeldInput();
        Future<?> feeding =
                threads.submit(() -> {
                    queue.feed(input);
                    return null;
                });
        Future<?> closing =
                threads.submit(() -> {
                    queue.closeByTime();
                    return null;
                });
        List<Block> taken = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            input.give(Streams.random(i, size));
            input.awaitIdle();
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(1));
            taken.add(queue.take(1).getFirst());
        }
        long memory = queue.memory();
        for (int i = 0; i < blocks; i++) {
            Block block = taken.get(i);
            assertThat(block.body().md5())
                    .isEqualTo(Md5.of(ByteBuffer.wrap(Streams.random(i, size))));
            queue.release(block, i % 2 == 0);
        }
        queue.stop();
        closing.get();
        feeding.cancel(true);
        return memory;
    }

    @Test
    void aTrickleIsHeldInMemoryOfItsOwnSize() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = queue(clock, 1 << 20, 3, Duration.ofSeconds(1));
        assertThat(memoryOf(queue, clock, 30, 7)).isEqualTo(30 * 4096);
        assertThat(queue.memory()).isZero();
    }

    @Test
    void aBlockThatTimeClosedHasAtMostTwiceItsSize() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = queue(clock, 1 << 20, 3, Duration.ofSeconds(1));
        assertThat(memoryOf(queue, clock, 3, 100_000)).isEqualTo(3 * (128 << 10));
    }

    @Test
    void smallBlocksNeverTakeMoreThanTheMemoryOfFullOnes() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = queue(clock, 1 << 20, 3, Duration.ofSeconds(1));
        assertThat(memoryOf(queue, clock, 4, 512 << 10)).isEqualTo(4 * (512 << 10));
        BlockQueue full = queue(clock, 1 << 20, 3, Duration.ofSeconds(1));
        HeldInput input = new HeldInput();
        input.give(new byte[10 << 20]);
        Future<?> feeding =
                threads.submit(() -> {
                    full.feed(input);
                    return null;
                });
        for (int i = 0; i < 3; i++) {
            assertThat(full.take(1).getFirst().size()).isEqualTo(1 << 20);
        }
        assertThat(full.memory()).isEqualTo(3 << 20);
        full.stop();
        assertThat(feeding.get()).isNull();
    }

    @Test
    void allMemoryIsGivenBackWhateverTheQueueHeldWhenItWasStopped() throws Exception {
        for (Duration flush : List.of(Duration.ZERO, Duration.ofHours(1))) {
            BlockQueue queue = queue(new ManualClock(), 1000, 4, flush);
            HeldInput input = new HeldInput();
            Future<?> feeding =
                    threads.submit(() -> {
                        queue.feed(input);
                        return null;
                    });
            input.give(new byte[2500]);
            input.awaitIdle();
            Block taken = queue.take(1).getFirst();
            queue.stop();
            queue.stop();
            assertThat(queue.take(1)).isEmpty();
            input.end();
            feeding.get();
            assertThat(budget.claimed().bytes()).isEqualTo(MemoryBudget.roomFor(1000));
            queue.release(taken, true);
            assertThat(budget.claimed().bytes()).isZero();
        }
    }
}
