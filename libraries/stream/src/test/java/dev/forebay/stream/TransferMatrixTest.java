package dev.forebay.stream;

import static dev.forebay.stream.Streams.BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An interrupt, a {@link RuntimeException} and an {@link OutOfMemoryError} at every call that a
 * transfer makes of its container, channels, listener and clock: it ends, leaves no thread and no
 * claim on memory, releases no wrong byte, and says the truth about its marker.
 */
@Timeout(900)
class TransferMatrixTest {
    /** What happens at a call. */
    enum Blow {
        INTERRUPT,
        RUNTIME_EXCEPTION,
        OUT_OF_MEMORY
    }

    @AfterEach
    void forgetTheInterrupt() {
        Thread.interrupted();
    }

    /** One transfer, of which one call is struck. */
    private static final class Attempt {
        final MemoryContainer container = new MemoryContainer();
        final MemoryBudget memory = MemoryBudget.of(ByteSize.ofMiB(4), "the setting");
        final List<FailureMark> marks = new CopyOnWriteArrayList<>();
        final Set<Thread> helpers = ConcurrentHashMap.newKeySet();
        final AtomicInteger calls = new AtomicInteger();
        private final Thread caller = Thread.currentThread();
        private final Blow blow;
        private final int victim;

        Attempt(Blow blow, int victim) {
            this.blow = blow;
            this.victim = victim;
        }

        void call() {
            helpers.add(Thread.currentThread());
            if (calls.incrementAndGet() != victim) {
                return;
            }
            switch (blow) {
                case INTERRUPT -> caller.interrupt();
                case RUNTIME_EXCEPTION -> throw new IllegalStateException("injected");
                case OUT_OF_MEMORY -> throw new OutOfMemoryError("injected");
            }
        }

        boolean wasStruck() {
            return calls.get() >= victim;
        }

        final Container struck =
                new SeenContainer(container) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        call();
                        return super.head(name);
                    }

                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        call();
                        return super.put(name, body, expected, metadata);
                    }

                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        call();
                        return super.get(name, wait) instanceof Lookup.Found(OpenBlob blob)
                                ? new Lookup.Found(
                                        new SeenBlob(blob) {
                                            @Override
                                            public void readInto(Room room) {
                                                call();
                                                super.readInto(room);
                                            }
                                        })
                                : new Lookup.Absent(false);
                    }
                };

        final TransferListener listener =
                new TransferListener() {
                    @Override
                    public void moved(long bytes) {
                        call();
                    }

                    @Override
                    public void failureMarked(FailureMark mark) {
                        marks.add(mark);
                        call();
                    }
                };

        final Clock clock =
                new Clock() {
                    @Override
                    public long nanos() {
                        call();
                        return Clock.system().nanos();
                    }

                    @Override
                    public Instant wall() {
                        return Clock.system().wall();
                    }

                    @Override
                    public void await(Lock lock, Condition condition, long deadline)
                            throws InterruptedException {
                        helpers.add(Thread.currentThread());
                        Clock.system().await(lock, condition, deadline);
                    }
                };

        ReadableByteChannel input() {
            ReadableByteChannel inner = Streams.channel(BYTES);
            return new ReadableByteChannel() {
                @Override
                public int read(ByteBuffer target) throws IOException {
                    call();
                    return inner.read(target);
                }

                @Override
                public boolean isOpen() {
                    return true;
                }

                @Override
                public void close() {}
            };
        }

        WritableByteChannel output(ByteArrayOutputStream out) {
            WritableByteChannel inner = Channels.newChannel(out);
            return new WritableByteChannel() {
                @Override
                public int write(ByteBuffer source) throws IOException {
                    call();
                    return inner.write(source);
                }

                @Override
                public boolean isOpen() {
                    return true;
                }

                @Override
                public void close() {}
            };
        }

        /** Runs it, checks what holds for every transfer, and says whether it succeeded. */
        boolean run(Runnable transfer) throws Exception {
            boolean done = false;
            try {
                transfer.run();
                done = true;
            } catch (RuntimeException | OutOfMemoryError e) {
                if (blow == Blow.INTERRUPT) {
                    assertThat(e).isInstanceOf(TransferInterruptedException.class);
                } else {
                    assertThat(e).hasStackTraceContaining("injected");
                }
            }
            boolean interrupted = Thread.interrupted();
            if (blow == Blow.INTERRUPT && wasStruck()) {
                assertThat(interrupted).as("call %d: the interrupt is kept", victim).isTrue();
            }
            helpers.remove(caller);
            for (Thread helper : helpers) {
                assertThat(helper.join(Duration.ofMinutes(1))).as("%s ends", helper).isTrue();
            }
            assertThat(memory.claimed().bytes()).as("call %d: claims", victim).isZero();
            return done;
        }
    }

    @ParameterizedTest
    @EnumSource
    void writerThatIsStruckAtAnyCallEndsAndSaysTheTruth(Blow blow) throws Exception {
        for (int at = 1; ; at++) {
            for (Duration flush : List.of(Duration.ZERO, Duration.ofHours(1))) {
                Attempt attempt = new Attempt(blow, at);
                WriteOptions options =
                        Streams.WRITE
                                .withFlushInterval(flush)
                                .withClock(attempt.clock)
                                .withListener(attempt.listener)
                                .withMemory(attempt.memory);
                boolean done =
                        attempt.run(() ->
                                new BufferWriter(attempt.struck, options).write(attempt.input()));
                checkMarkers(attempt, done);
                if (!attempt.wasStruck()) {
                    assertThat(at).isGreaterThan(20);
                    return;
                }
            }
        }
    }

    private static void checkMarkers(Attempt attempt, boolean done) {
        String end =
                attempt.container.names().contains(EndMarker.NAME)
                        ? Streams.endMarker(attempt.container)
                        : "";
        if (done) {
            assertThat(end).contains("\"complete\"");
            assertThat(attempt.marks).isEmpty();
            return;
        }
        for (FailureMark mark : attempt.marks) {
            switch (mark) {
                case WRITTEN -> assertThat(end).contains("\"failed\"");
                case NOT_WRITTEN -> assertThat(end).isEmpty();
                case NOT_NEEDED ->
                        assertThat(
                                        end.contains("\"complete\"")
                                                || !attempt.container
                                                        .names()
                                                        .contains(StartMarker.NAME))
                                .isTrue();
                case UNKNOWN -> {}
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void readerThatIsStruckAtAnyCallEndsWithABeginning(Blow blow) throws Exception {
        for (int at = 1; ; at++) {
            Attempt attempt = new Attempt(blow, at);
            Streams.write(attempt.container, BYTES);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ReadOptions options =
                    Streams.READ
                            .withClock(attempt.clock)
                            .withListener(attempt.listener)
                            .withMemory(attempt.memory);
            boolean done =
                    attempt.run(() ->
                            new BufferReader(attempt.struck, options).read(attempt.output(out)));
            byte[] released = out.toByteArray();
            assertThat(released).isEqualTo(Arrays.copyOf(BYTES, released.length));
            if (done) {
                assertThat(released).hasSize(BYTES.length);
            }
            if (!attempt.wasStruck()) {
                assertThat(at).isGreaterThan(20);
                return;
            }
        }
    }
}
