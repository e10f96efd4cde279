package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferWriterTest {
    private static final byte[] BYTES = Streams.random(1, 5000);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static String end(MemoryContainer container) {
        return new String(container.body(EndMarker.NAME), StandardCharsets.UTF_8);
    }

    @Test
    void withoutAFlushIntervalBlocksAreExactlyFull() {
        Streams.write(container, Streams.random(1, 2500));
        assertThat(
                        List.of(
                                container.body(BlobNumber.nameOf(0)).length,
                                container.body(BlobNumber.nameOf(1)).length,
                                container.body(BlobNumber.nameOf(2)).length,
                                container.body(BlobNumber.nameOf(3)).length))
                .containsExactly(1000, 1000, 500, 0);
    }

    @Test
    void anInputOfWholeBlocksEndsWithOneEmptyBlob() {
        Streams.write(container, Streams.random(1, 2000));
        assertThat(container.names()).hasSize(5);
        assertThat(end(container)).contains("\"blobCount\":2,\"blobSize\":1000");
    }

    @Test
    void aSecondWriteIsRefusedAndChangesNothing() {
        Streams.write(container, BYTES);
        List<BlobName> names = container.names();
        assertThatThrownBy(() -> Streams.write(container, new byte[10]))
                .isInstanceOf(BufferOverwriteException.class)
                .hasMessageContaining("buffer cannot be overwritten");
        assertThat(container.names()).isEqualTo(names);
        assertThat(Streams.read(container)).isEqualTo(BYTES);
    }

    /** Lets two writers pass the first look together; the number of those that then succeed. */
    private int race(Rules rules) throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        Container shared =
                new Seen(container) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        Optional<BlobInfo> found = super.head(name);
                        if (name.equals(StartMarker.NAME) && found.isEmpty()) {
                            try {
                                together.await();
                            } catch (Exception e) {
                                throw new AssertionError(e);
                            }
                        }
                        return found;
                    }
                };
        List<Future<WriteResult>> writes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            writes.add(
                    threads.submit(() ->
                            new BufferWriter(shared, Streams.WRITE, rules)
                                    .write(Streams.channel(BYTES))));
        }
        int succeeded = 0;
        for (Future<WriteResult> write : writes) {
            try {
                write.get();
                succeeded++;
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(BufferOverwriteException.class);
            }
        }
        return succeeded;
    }

    @Test
    void ofTwoWritersThatRaceExactlyOneSucceeds() throws Exception {
        assertThat(race(Rules.SOUND)).isEqualTo(1);
        assertThat(Streams.read(container)).isEqualTo(BYTES);
    }

    @Test
    void aTwinWithoutANonceIsCaughtByTheRace() throws Exception {
        Rules broken =
                new Rules() {
                    @Override
                    String nonce() {
                        return "";
                    }
                };
        assertThat(race(broken)).isEqualTo(2);
    }

    /** Writes where blob 1 is somebody else's already; whether the writer notices. */
    private boolean noticesAStranger(Rules rules) {
        byte[] other = {1};
        container.overwrite(
                BlobNumber.nameOf(1),
                other,
                Md5.of(ByteBuffer.wrap(other)),
                Map.of(HashChain.METADATA_KEY, "other"));
        try {
            new BufferWriter(container, Streams.WRITE, rules).write(Streams.channel(BYTES));
            return false;
        } catch (BufferOverwriteException e) {
            return true;
        }
    }

    @Test
    void aBlobOfAnotherWriterIsNeverTakenForOurs() {
        assertThat(noticesAStranger(Rules.SOUND)).isTrue();
        assertThat(end(container)).contains("failed");
    }

    @Test
    void aTwinThatDoesNotCompareWhatExistsIsCaught() {
        Rules broken =
                new Rules() {
                    @Override
                    boolean isOurs(BlobInfo there, Md5 md5, @Nullable String chain) {
                        return true;
                    }
                };
        assertThat(noticesAStranger(broken)).isFalse();
    }

    @Test
    void anAnswerLostOnTheWayBackDoesNoHarm() {
        AtomicBoolean lost = new AtomicBoolean();
        Container losing =
                new Seen(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            ByteBuffer body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        PutResult result = super.put(name, body, expected, metadata);
                        if (lost.compareAndSet(false, true)) {
                            throw new ContainerException(Fault.TIMED_OUT, "the answer was lost");
                        }
                        return result;
                    }
                };
        WriteResult result = new BufferWriter(losing, Streams.WRITE).write(Streams.channel(BYTES));
        assertThat(result.retries().byFault()).isEqualTo(Map.of(Fault.TIMED_OUT, 1L));
        assertThat(Streams.read(container)).isEqualTo(BYTES);
    }

    @Test
    void writeReturnsOnlyWhenTheEndMarkerIsThere() throws Exception {
        assertThat(markerStandsAtReturn(Rules.SOUND, true)).isTrue();
    }

    @Test
    void aTwinThatDoesNotAwaitTheEndMarkerIsCaught() throws Exception {
        Rules broken =
                new Rules() {
                    @Override
                    void finish(Runnable putEndMarker) {
                        Thread.ofVirtual().start(putEndMarker);
                    }
                };
        assertThat(markerStandsAtReturn(broken, false)).isFalse();
    }

    /** The container holds the end marker back until the write has returned, or cannot. */
    private boolean markerStandsAtReturn(Rules rules, boolean waits) throws Exception {
        FaultyContainer gate = new FaultyContainer(container, 0, 0);
        Container holding =
                new Seen(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            ByteBuffer body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        return name.equals(EndMarker.NAME)
                                ? gate.put(name, body, expected, metadata)
                                : super.put(name, body, expected, metadata);
                    }
                };
        gate.holdPuts();
        Future<Boolean> write =
                threads.submit(() -> {
                    new BufferWriter(holding, Streams.WRITE, rules).write(Streams.channel(BYTES));
                    return container.names().contains(EndMarker.NAME);
                });
        gate.awaitHeldPuts(1);
        if (waits) {
            assertThat(write.isDone()).isFalse();
            gate.letPutsGo();
        }
        return write.get();
    }

    @Test
    void lessDurabilityThanDemandedIsAnError() {
        container.acknowledge(Durability.WRITTEN);
        assertThatThrownBy(() -> Streams.write(container, BYTES))
                .isInstanceOf(NotDurableException.class)
                .hasMessageContaining("only written, synced was demanded");
        MemoryContainer other = new MemoryContainer();
        other.acknowledge(Durability.WRITTEN);
        WriteResult result =
                new BufferWriter(other, Streams.WRITE.withDurability(Durability.WRITTEN))
                        .write(Streams.channel(BYTES));
        assertThat(result.durability()).isEqualTo(Durability.WRITTEN);
    }

    @Test
    void anInputThatFailsLeavesAFailedMarker() throws Exception {
        HeldInput input = new HeldInput();
        input.give(BYTES);
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(container, Streams.WRITE).write(input));
        input.awaitIdle();
        input.fail(new IOException("the cable was pulled"));
        assertThatThrownBy(write::get)
                .hasCauseInstanceOf(BufferException.class)
                .hasMessageContaining("the cable was pulled");
        assertThat(end(container)).startsWith("{\"status\":\"failed\"");
        assertThatThrownBy(() -> Streams.read(container)).isInstanceOf(BufferFailedException.class);
    }

    @Test
    void aWriterThatIsInterruptedLeavesAFailedMarkerAndItsReaderIsTold() throws Exception {
        HeldInput input = new HeldInput();
        input.give(BYTES);
        Future<byte[]> reading = threads.submit(() -> Streams.read(container));
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(container, Streams.WRITE).write(input));
        input.awaitIdle();
        write.cancel(true);
        assertThatThrownBy(reading::get).hasCauseInstanceOf(BufferFailedException.class);
        assertThat(end(container)).startsWith("{\"status\":\"failed\"");
    }

    @Test
    void aFaultThatWillNotPassEndsTheWriteAtOnce() {
        Container closed =
                new Seen(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            ByteBuffer body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        if (name.equals(BlobNumber.nameOf(2))) {
                            throw new ContainerException(Fault.NOT_PERMITTED, "not for you");
                        }
                        return super.put(name, body, expected, metadata);
                    }
                };
        assertThatThrownBy(
                        () -> new BufferWriter(closed, Streams.WRITE).write(Streams.channel(BYTES)))
                .isInstanceOf(ContainerException.class)
                .hasMessage("not for you");
        assertThat(end(container)).startsWith("{\"status\":\"failed\"");
    }

    @Test
    void aPassingFaultThatDoesNotPassEndsWithTheRetryTime() {
        Container down =
                new Seen(container) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        throw new ContainerException(Fault.UNAVAILABLE, "nobody there");
                    }
                };
        WriteOptions brief = Streams.WRITE.withRetryTime(Duration.ofMillis(20));
        assertThatThrownBy(() -> new BufferWriter(down, brief).write(Streams.channel(BYTES)))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("gave up after");
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
            assertThat(queue.allocated()).isLessThanOrEqualTo(3);
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

    /** Another container, to be changed in one place. */
    private static class Seen implements Container {
        private final Container inner;

        Seen(Container inner) {
            this.inner = inner;
        }

        @Override
        public StagedBlob stage(BlobName name) {
            return inner.stage(name);
        }

        @Override
        public PutResult put(
                BlobName name,
                ByteBuffer body,
                @Nullable Md5 expected,
                Map<String, String> metadata) {
            return inner.put(name, body, expected, metadata);
        }

        @Override
        public Optional<BlobInfo> head(BlobName name) {
            return inner.head(name);
        }

        @Override
        public Lookup get(BlobName name, Wait wait) {
            return inner.get(name, wait);
        }
    }
}
