package dev.forebay.stream;

import static dev.forebay.stream.Streams.BYTES;
import static dev.forebay.stream.Streams.endMarker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferWriterTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();

    @AfterEach
    void end() {
        threads.shutdownNow();
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
        assertThat(endMarker(container)).contains("\"blobCount\":2,\"blobSize\":1000");
    }

    @Test
    void writeReturnsOnlyWhenTheEndMarkerIsThere() throws Exception {
        assertThat(markerStandsAtReturn()).isTrue();
    }

    /** The container holds the end marker back until the write has returned. */
    private boolean markerStandsAtReturn() throws Exception {
        FaultyContainer gate = new FaultyContainer(container, 0, 0);
        Container holding =
                new SeenContainer(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
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
                    new BufferWriter(holding, Streams.WRITE).write(Streams.channel(BYTES));
                    return container.names().contains(EndMarker.NAME);
                });
        gate.awaitHeldPuts(1);
        assertThat(write.isDone()).isFalse();
        gate.letPutsGo();
        return write.get();
    }

    /** Every upload begins when the input is read, so that blocks are there to be put together. */
    @Test
    void aBlockThatArrivedChangedAmongOthersIsSentAgain() throws Exception {
        container.takeTogether(64);
        HeldInput input = new HeldInput();
        input.give(BYTES);
        AtomicInteger changed = new AtomicInteger();
        Container changing =
                new SeenContainer(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        if (!name.equals(StartMarker.NAME)) {
                            awaitRead();
                        }
                        return super.put(name, body, expected, metadata);
                    }

                    @Override
                    public List<PutResult> putAll(List<SmallBlob> blobs) {
                        awaitRead();
                        List<SmallBlob> whole = new ArrayList<>(blobs);
                        Md5 announced = whole.removeFirst().md5();
                        List<PutResult> results = new ArrayList<>(super.putAll(whole));
                        results.addFirst(new PutResult.DigestMismatch(announced, Md5.OF_NOTHING));
                        changed.incrementAndGet();
                        return results;
                    }

                    private void awaitRead() {
                        try {
                            input.awaitRead(BYTES.length);
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                };
        WriteOptions options =
                Streams.WRITE.withDop(1).withBlockSize(ByteSize.of(BYTES.length / 10));
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(changing, options).write(input));
        input.awaitRead(BYTES.length);
        input.end();
        assertThat(write.get().retries().wrongDigest()).isPositive().isEqualTo(changed.get());
        for (int i = 0; i <= 10; i++) {
            assertThat(container.names()).contains(BlobNumber.nameOf(i));
        }
        assertThat(Streams.read(container)).isEqualTo(BYTES);
    }

    /** Whether a container that only writes is noticed by a writer that demands syncs. */
    private boolean noticesWeakAcknowledgements() {
        container.acknowledge(Durability.WRITTEN);
        try {
            new BufferWriter(container, Streams.WRITE).write(Streams.channel(BYTES));
            return false;
        } catch (NotDurableException e) {
            assertThat(e).hasMessageContaining("only written, synced was demanded");
            return true;
        }
    }

    @Test
    void lessDurabilityThanDemandedIsAnError() {
        assertThat(noticesWeakAcknowledgements()).isTrue();
    }

    @Test
    void theResultNamesTheWeakestAcknowledgement() {
        container.acknowledge(Durability.WRITTEN);
        WriteResult result =
                new BufferWriter(container, Streams.WRITE.withDurability(Durability.WRITTEN))
                        .write(Streams.channel(BYTES));
        assertThat(result.durability()).isEqualTo(Durability.WRITTEN);
    }

    @Test
    void anInputThatFailsLeavesAFailedMarker() throws Exception {
        HeldInput input = new HeldInput();
        input.give(BYTES);
        Future<WriteResult> write =
                threads.submit(
                        () -> new BufferWriter(container, Streams.withoutHurry()).write(input));
        input.awaitIdle();
        input.fail(new IOException("the cable was pulled"));
        assertThatThrownBy(write::get)
                .hasCauseInstanceOf(BufferException.class)
                .hasMessageContaining("the cable was pulled");
        assertThat(endMarker(container)).startsWith("{\"status\":\"failed\"");
        assertThatThrownBy(() -> Streams.read(container)).isInstanceOf(BufferFailedException.class);
    }

    @Test
    void aWriterThatIsInterruptedLeavesAFailedMarkerAndItsReaderIsTold() throws Exception {
        HeldInput input = new HeldInput();
        input.give(BYTES);
        Future<byte[]> reading = threads.submit(() -> Streams.read(container));
        Future<WriteResult> write =
                threads.submit(
                        () -> new BufferWriter(container, Streams.withoutHurry()).write(input));
        input.awaitIdle();
        write.cancel(true);
        assertThatThrownBy(reading::get).hasCauseInstanceOf(BufferFailedException.class);
        assertThat(endMarker(container)).startsWith("{\"status\":\"failed\"");
    }

    @Test
    void aFailedMarkerThatDoesNotGetThroughHoldsTheCallerNoLongerThanItMay() throws Exception {
        ManualClock clock = new ManualClock();
        FaultyContainer stalled = new FaultyContainer(container, 0, 0);
        HeldInput input = new HeldInput();
        Future<WriteResult> write =
                threads.submit(() ->
                        new BufferWriter(stalled, Streams.WRITE.withClock(clock)).write(input));
        input.awaitIdle();
        stalled.holdPuts();
        input.fail(new IOException("the cable was pulled"));
        stalled.awaitHeldPuts(1);
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(3).minusNanos(1));
        assertThat(write).isNotDone();
        clock.advance(Duration.ofNanos(1));
        assertThatThrownBy(write::get).hasMessageContaining("the cable was pulled");
        assertThat(container.names()).doesNotContain(EndMarker.NAME);
    }

    @Test
    void aFaultThatWillNotPassEndsTheWriteAtOnce() {
        Container closed =
                new SeenContainer(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        if (name.equals(BlobNumber.nameOf(2))) {
                            throw new ContainerException(Fault.NOT_PERMITTED, "not for you");
                        }
                        return super.put(name, body, expected, metadata);
                    }
                };
        assertThatThrownBy(() ->
                        new BufferWriter(closed, Streams.withoutHurry())
                                .write(Streams.channel(BYTES)))
                .isInstanceOf(ContainerException.class)
                .hasMessage("not for you");
        assertThat(endMarker(container)).startsWith("{\"status\":\"failed\"");
    }

    @Test
    void aPassingFaultThatDoesNotPassEndsWithTheRetryTime() {
        Container down =
                new SeenContainer(container) {
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
}
