package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a block is closed, and how much memory all of them have. */
class FlushAndMemoryTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();

    @AfterEach
    void end() {
        threads.shutdownNow();
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
        WriteOptions options = Streams.WRITE.withDop(dop).withBlockSize(ByteSize.of(1000));
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(stalled, options).write(input));
        input.awaitIdle();
        stalled.holdPuts();
        byte[] bytes = Streams.random(9, 100_000);
        input.give(bytes);
        stalled.awaitHeldPuts(dop);
        // The input is read on while uploads stand still, up to 6 blocks of memory and no further.
        input.awaitRead(6000);
        assertThat(input.bytesRead()).isEqualTo(6000);
        input.end();
        stalled.letPutsGo();
        write.get();
        assertThat(Streams.read(container)).isEqualTo(bytes);
    }

    @Test
    void timeClosesABlockThoughNobodyGaveTheOnesBeforeBack() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = new BlockQueue(clock, 10, 3, Duration.ofSeconds(1).toNanos());
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
            assertThat(Objects.requireNonNull(queue.take()).body().get(0)).isEqualTo(i);
        }
        queue.stop();
        closing.get();
        feeding.cancel(true);
    }

    @Test
    void theQueueNeverHasMoreMemoryThanItMay() throws Exception {
        BlockQueue queue = new BlockQueue(new ManualClock(), 10, 3, 0);
        HeldInput input = new HeldInput();
        input.give(new byte[1000]);
        Future<?> feeding =
                threads.submit(() -> {
                    queue.feed(input);
                    return null;
                });
        input.awaitRead(30);
        for (int i = 0; i < 100; i++) {
            assertThat(queue.memory()).isLessThanOrEqualTo(30);
            Block block = Objects.requireNonNull(queue.take());
            assertThat(block.number()).isEqualTo(i);
            queue.release(block);
        }
        input.end();
        feeding.get();
        Block last = Objects.requireNonNull(queue.take());
        assertThat(last.body().remaining()).isZero();
        assertThat(queue.take()).isNull();
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
            taken.add(Objects.requireNonNull(queue.take()));
        }
        long memory = queue.memory();
        for (int i = 0; i < blocks; i++) {
            Block block = taken.get(i);
            byte[] body = new byte[block.body().remaining()];
            block.body().get(body);
            assertThat(body).isEqualTo(Streams.random(i, size));
            queue.release(block);
        }
        queue.stop();
        closing.get();
        feeding.cancel(true);
        return memory;
    }

    @Test
    void aTrickleIsHeldInMemoryOfItsOwnSize() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = new BlockQueue(clock, 1600, 3, Duration.ofSeconds(1).toNanos());
        assertThat(memoryOf(queue, clock, 30, 7)).isEqualTo(1600 + 30 * 100);
        assertThat(queue.memory()).isEqualTo(1600);
    }

    @Test
    void aBlockThatIsMoreThanHalfFullKeepsItsMemory() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = new BlockQueue(clock, 1600, 3, Duration.ofSeconds(1).toNanos());
        assertThat(memoryOf(queue, clock, 3, 801)).isEqualTo(3 * 1600);
    }

    @Test
    void smallBlocksNeverTakeMoreThanTheMemoryOfFullOnes() throws Exception {
        ManualClock clock = new ManualClock();
        BlockQueue queue = new BlockQueue(clock, 1600, 3, Duration.ofSeconds(1).toNanos());
        // One full block is open, three of half a block fit beside it, and the next takes it.
        assertThat(memoryOf(queue, clock, 5, 800)).isEqualTo(3 * 1600);
    }
}
