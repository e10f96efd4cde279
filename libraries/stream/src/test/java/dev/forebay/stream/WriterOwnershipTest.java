package dev.forebay.stream;

import static dev.forebay.stream.Streams.BYTES;
import static dev.forebay.stream.Streams.endMarker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.testing.MemoryContainer;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/** Whose a buffer is, and each blob of it. */
class WriterOwnershipTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();

    @AfterEach
    void end() {
        threads.shutdownNow();
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
    private int race() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        Container shared =
                new SeenContainer(container) {
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
                            new BufferWriter(shared, Streams.WRITE).write(Streams.channel(BYTES))));
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
        assertThat(race()).isEqualTo(1);
        assertThat(Streams.read(container)).isEqualTo(BYTES);
    }

    @Test
    void aWriterOfTheReferenceThatWasFasterByAMomentKeepsItsBuffer() {
        ByteBuffer reference = new StartMarker(StartMarker.VERSION, Optional.empty()).body();
        Container overtaken =
                new SeenContainer(container) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        Optional<BlobInfo> found = super.head(name);
                        super.put(StartMarker.NAME, reference, null, Map.of());
                        return found;
                    }
                };
        assertThatThrownBy(() -> Streams.write(overtaken, BYTES))
                .isInstanceOf(BufferOverwriteException.class);
        assertThat(container.names()).containsExactly(StartMarker.NAME);
    }

    /** Writes where blob 1 is somebody else's already; whether the writer notices. */
    private boolean noticesAStranger() {
        return noticesAStranger(container, Streams.withoutHurry(), Streams.channel(BYTES));
    }

    private boolean noticesAStranger(
            Container to, WriteOptions options, ReadableByteChannel input) {
        byte[] other = {1};
        container.overwrite(
                BlobNumber.nameOf(1),
                other,
                Md5.of(ByteBuffer.wrap(other)),
                Map.of(HashChain.METADATA_KEY, "other"));
        try {
            new BufferWriter(to, options).write(input);
            return false;
        } catch (BufferOverwriteException e) {
            return true;
        }
    }

    @Test
    void aBlobOfAnotherWriterIsNeverTakenForOurs() {
        assertThat(noticesAStranger()).isTrue();
        assertThat(endMarker(container)).contains("failed");
    }

    /** The first upload of a block ends when the input is read, so that the others are there. */
    @Test
    void aBlobOfAnotherWriterAmongOthersIsNeverTakenForOurs() {
        container.takeTogether(3);
        HeldInput input = new HeldInput();
        input.give(BYTES);
        input.end();
        Container late =
                new SeenContainer(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        if (name.equals(BlobNumber.nameOf(0))) {
                            try {
                                input.awaitRead(BYTES.length);
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        }
                        return super.put(name, body, expected, metadata);
                    }
                };
        WriteOptions options =
                Streams.withoutHurry().withDop(1).withBlockSize(ByteSize.of(BYTES.length / 10));
        assertThat(noticesAStranger(late, options, input)).isTrue();
        assertThat(container.mostTogether()).isGreaterThan(1);
        assertThat(endMarker(container)).contains("failed");
    }

    @Test
    void anAnswerLostOnTheWayBackDoesNoHarm() {
        AtomicBoolean lost = new AtomicBoolean();
        Container losing =
                new SeenContainer(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
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
}
