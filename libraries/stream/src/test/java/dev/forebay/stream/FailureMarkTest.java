package dev.forebay.stream;

import static dev.forebay.stream.Streams.BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a writer that fails says about its failure marker. */
class FailureMarkTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();
    private final List<FailureMark> marks = new CopyOnWriteArrayList<>();
    private final ManualClock clock = new ManualClock();
    private final WriteOptions options =
            Streams.WRITE
                    .withClock(clock)
                    .withListener(
                            new TransferListener() {
                                @Override
                                public void failureMarked(FailureMark mark) {
                                    marks.add(mark);
                                }
                            });

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** Throws for one name, or, if {@code late}, loses the answer of the put that made it. */
    private Container failing(BlobName at, Fault fault, boolean late) {
        return new SeenContainer(container) {
            @Override
            public PutResult put(
                    BlobName name,
                    List<ByteBuffer> body,
                    @Nullable Md5 expected,
                    Map<String, String> metadata) {
                if (late
                        && name.equals(at)
                        && super.put(name, body, expected, metadata)
                                instanceof PutResult.Exists there) {
                    return there;
                }
                if (name.equals(at)) {
                    throw new ContainerException(fault, "no");
                }
                return super.put(name, body, expected, metadata);
            }
        };
    }

    private void writeFails(Container to) {
        assertThatThrownBy(() -> new BufferWriter(to, options).write(Streams.channel(BYTES)))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void markIsWrittenAfterAFailure() {
        writeFails(failing(BlobNumber.nameOf(2), Fault.NOT_PERMITTED, false));
        assertThat(marks).containsExactly(FailureMark.WRITTEN);
        assertThat(Streams.endMarker(container)).contains("failed");
    }

    @Test
    void markIsNotNeededIfTheBufferWasNotBegun() {
        writeFails(failing(StartMarker.NAME, Fault.NOT_PERMITTED, false));
        assertThat(marks).containsExactly(FailureMark.NOT_NEEDED);
    }

    @Test
    void markIsUnknownIfTheStartMarkerMayStillCome() {
        writeFails(failing(StartMarker.NAME, Fault.FAILED, false));
        assertThat(marks).containsExactly(FailureMark.UNKNOWN);
    }

    @Test
    void markIsNotNeededIfOnlyTheLastAnswerIsMissing() {
        writeFails(failing(EndMarker.NAME, Fault.FAILED, true));
        assertThat(marks).containsExactly(FailureMark.NOT_NEEDED);
        assertThat(Streams.read(container)).isEqualTo(BYTES);
    }

    @Test
    void markIsNotNeededInTheBufferOfAnotherWriter() {
        Container overtaken =
                new SeenContainer(container) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        Optional<BlobInfo> found = super.head(name);
                        super.put(StartMarker.NAME, StartMarker.of("a").body(), null, Map.of());
                        return found;
                    }
                };
        writeFails(overtaken);
        assertThat(marks).containsExactly(FailureMark.NOT_NEEDED);
    }

    @Test
    void markIsNotWrittenIfTheContainerRefusesIt() {
        writeFails(failing(EndMarker.NAME, Fault.NOT_PERMITTED, false));
        assertThat(marks).containsExactly(FailureMark.NOT_WRITTEN);
    }

    @Test
    void markIsUnknownIfItsAnswerDoesNotComeInTime() throws Exception {
        FaultyContainer stalled = new FaultyContainer(container, 0, 0);
        HeldInput input = new HeldInput();
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(stalled, options).write(input));
        input.awaitIdle();
        stalled.holdPuts();
        input.fail(new IOException("the cable was pulled"));
        stalled.awaitHeldPuts(1);
        clock.awaitWaiters(1);
        assertThat(marks).isEmpty();
        clock.advance(FailureNotice.PATIENCE);
        assertThatThrownBy(write::get).hasMessageContaining("the cable was pulled");
        assertThat(marks).containsExactly(FailureMark.UNKNOWN);
    }

    @Test
    void listenerThatThrowsDoesNotHideTheReason() {
        WriteOptions throwing =
                options.withListener(
                        new TransferListener() {
                            @Override
                            public void failureMarked(FailureMark mark) {
                                throw new IllegalStateException("a fault of the listener");
                            }
                        });
        Container refusing = failing(BlobNumber.nameOf(2), Fault.NOT_PERMITTED, false);
        assertThatThrownBy(() -> new BufferWriter(refusing, throwing).write(Streams.channel(BYTES)))
                .isInstanceOf(ContainerException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }
}
