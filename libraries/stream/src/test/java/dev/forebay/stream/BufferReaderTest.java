package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BufferReaderTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryContainer container = new MemoryContainer();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** Writes down what it is asked for, and says when a waiting get begins. */
    private static final class Asked extends SeenContainer {
        final List<String> gets = new CopyOnWriteArrayList<>();
        final Semaphore waiting = new Semaphore(0);

        Asked(Container inner) {
            super(inner);
        }

        @Override
        public Lookup get(BlobName name, Wait wait) {
            gets.add(name.text());
            if (wait.atMost().isPositive()) {
                waiting.release();
            }
            return super.get(name, wait);
        }
    }

    /** A reader on a thread of its own, of whose output only the result tells. */
    private Future<ReadResult> reading(Container from, ReadOptions options) {
        return threads.submit(() ->
                new BufferReader(from, options)
                        .read(Channels.newChannel(new ByteArrayOutputStream())));
    }

    /** The same time, and a word when somebody has looked at it. */
    private static Clock watched(ManualClock clock, Semaphore looks) {
        return new Clock() {
            @Override
            public long nanos() {
                long now = clock.nanos();
                looks.release();
                return now;
            }

            @Override
            public Instant wall() {
                return clock.wall();
            }

            @Override
            public void await(Lock lock, Condition condition, long deadlineNanos)
                    throws InterruptedException {
                clock.await(lock, condition, deadlineNanos);
            }
        };
    }

    @Test
    void aReaderThatHasCaughtUpHoldsOneRequestAndMakesNoOthers() throws Exception {
        ManualClock clock = new ManualClock();
        MemoryContainer still = new MemoryContainer(clock);
        Asked asked = new Asked(still);
        HeldInput input = new HeldInput();
        Future<WriteResult> write =
                threads.submit(() -> new BufferWriter(still, Streams.WRITE).write(input));
        input.awaitIdle();
        Semaphore looks = new Semaphore(0);
        ReadOptions options = Streams.READ.withDop(32).withClock(watched(clock, looks));
        Future<ReadResult> read = reading(asked, options);
        for (int i = 0; i < 5; i++) {
            // The reader looks at the clock before it waits and when it has what it waited for.
            looks.acquire(i == 0 ? 1 : 2);
            clock.awaitWaiters(1);
            // It comes late, so the reader expects no more and waits for the next one only.
            clock.advance(Duration.ofSeconds(1));
            input.give(Streams.random(i, 1000));
            input.awaitIdle();
        }
        input.end();
        assertThat(read.get().bytes()).isEqualTo(write.get().bytes()).isEqualTo(5000);
        assertThat(asked.gets.stream().filter(name -> !name.startsWith(".")).distinct())
                .contains("00/000", "00/005");
        assertThat(asked.gets).hasSizeLessThanOrEqualTo(3 + 2 * 6);
    }

    /** The blobs of a live buffer that a reader asks for without waiting, ahead of their turn. */
    private List<String> askedAhead(Optional<Duration> held) {
        MemoryContainer written = new MemoryContainer();
        Streams.write(written, Streams.random(1, 20_000));
        List<String> ahead = new CopyOnWriteArrayList<>();
        Container telling =
                new SeenContainer(written) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        if (name.equals(EndMarker.NAME)) {
                            return new Lookup.Absent(true);
                        }
                        if (!wait.atMost().isPositive()) {
                            ahead.add(name.text());
                        }
                        return super.get(name, wait) instanceof Lookup.Found(OpenBlob blob)
                                ? new Lookup.Found(
                                        new SeenBlob(blob) {
                                            @Override
                                            public Optional<Duration> held() {
                                                return held;
                                            }
                                        })
                                : new Lookup.Absent(true);
                    }
                };
        assertThat(Streams.read(telling)).isEqualTo(Streams.random(1, 20_000));
        return ahead;
    }

    @Test
    void aReaderFetchesAheadOnlyIfTheLastBlobWasThereAlready() {
        assertThat(askedAhead(Optional.of(Duration.ofMillis(90)))).isEmpty();
        assertThat(askedAhead(Optional.of(Duration.ZERO))).hasSizeGreaterThan(10);
        // In memory each comes at once.
        assertThat(askedAhead(Optional.empty())).hasSizeGreaterThan(10);
    }

    /**
     * The blobs of a live buffer of three, in the order in which they were asked for, "a", and
     * released, "r"; with {@code overlap} none is released before the next one is asked for.
     */
    private List<String> order(Duration held, boolean overlap) {
        MemoryContainer written = new MemoryContainer();
        Streams.write(written, Streams.random(1, 3000));
        List<String> order = new CopyOnWriteArrayList<>();
        Semaphore asked = new Semaphore(0);
        Container telling =
                new SeenContainer(written) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        if (name.equals(EndMarker.NAME)) {
                            return new Lookup.Absent(true);
                        }
                        if (!name.equals(StartMarker.NAME)) {
                            order.add("a" + name.text());
                            asked.release();
                        }
                        return super.get(name, wait) instanceof Lookup.Found(OpenBlob blob)
                                ? new Lookup.Found(
                                        new SeenBlob(blob) {
                                            @Override
                                            public Optional<Duration> held() {
                                                return Optional.of(held);
                                            }
                                        })
                                : new Lookup.Absent(true);
                    }
                };
        WritableByteChannel output =
                new ClosedNever() {
                    private int released;

                    @Override
                    public int write(ByteBuffer piece) {
                        if (overlap) {
                            asked.acquireUninterruptibly(released == 0 ? 2 : 1);
                        }
                        order.add("r" + BlobNumber.nameOf(released++).text());
                        int count = piece.remaining();
                        piece.position(piece.limit());
                        return count;
                    }
                };
        assertThat(new BufferReader(telling, Streams.READ).read(output).bytes()).isEqualTo(3000);
        return order;
    }

    /** An output that stays open. */
    private abstract static class ClosedNever implements WritableByteChannel {
        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void whoWaitedForABlobGetsItBeforeTheNextIsAskedFor() {
        assertThat(order(Duration.ofMillis(90), false))
                .containsExactly(
                        "a00/000", "r00/000", "a00/001", "r00/001", "a00/002", "r00/002",
                        "a00/003");
    }

    @Test
    void whileABlobThatWasThereIsReleasedTheNextIsFetched() {
        assertThat(order(Duration.ZERO, true))
                .containsSubsequence("a00/000", "r00/000", "r00/001", "r00/002");
    }

    @Test
    void aWaitingReaderMakesNoRequestWhileNothingComes() throws Exception {
        ManualClock clock = new ManualClock();
        MemoryContainer still = new MemoryContainer(clock);
        Asked asked = new Asked(still);
        ReadOptions options = Streams.READ.withDop(32).withClock(clock);
        Future<ReadResult> read = reading(asked, options);
        clock.awaitWaiters(1);
        assertThat(asked.gets).containsExactly(".bufferend", ".bufferstart");
        clock.advance(Duration.ofSeconds(19));
        assertThat(asked.gets).hasSize(2);
        read.cancel(true);
    }

    @Test
    void againstAServerThatCannotWaitItPollsAsTheReferenceDoes() throws Exception {
        ManualClock clock = new ManualClock();
        MemoryContainer still = new MemoryContainer(clock);
        still.forgetWaiting();
        Asked asked = new Asked(still);
        ReadOptions options = Streams.READ.withClock(clock);
        Future<ReadResult> read = reading(asked, options);
        for (int i = 0; i < 20; i++) {
            clock.awaitWaiters(1);
            clock.advance(Reading.pauseBefore(i));
            asked.waiting.acquire();
        }
        Streams.write(still, Streams.random(1, 3000));
        while (!read.isDone()) {
            clock.advance(Duration.ofMillis(500));
            Thread.onSpinWait();
        }
        assertThat(read.get().bytes()).isEqualTo(3000);
    }

    @Test
    void aServerThatOnlyClaimsToHaveWaitedIsNotAskedWithoutAPause() throws Exception {
        ManualClock clock = new ManualClock();
        Container lying =
                new SeenContainer(container) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        return super.get(name, Wait.NONE) instanceof Lookup.Found found
                                ? found
                                : new Lookup.Absent(true);
                    }
                };
        Asked asked = new Asked(lying);
        ReadOptions options = Streams.READ.withClock(clock);
        Future<ReadResult> read = reading(asked, options);
        for (int i = 0; i < 5; i++) {
            clock.awaitWaiters(1);
            // Twice at first: the first "no" may have come after a wait.
            assertThat(asked.waiting.availablePermits()).isEqualTo(i + 2);
            clock.advance(Reading.pauseBefore(i));
        }
        clock.awaitWaiters(1);
        Streams.write(container, Streams.random(1, 3000));
        clock.advance(Reading.pauseBefore(5));
        assertThat(read.get().bytes()).isEqualTo(3000);
    }

    @Test
    void theScheduleOfPollingIsThatOfTheReference() {
        assertThat(Reading.pauseBefore(0)).isEqualTo(Duration.ofMillis(100));
        assertThat(Reading.pauseBefore(9)).isEqualTo(Duration.ofMillis(100));
        assertThat(Reading.pauseBefore(10)).isEqualTo(Duration.ofMillis(500));
        assertThat(Reading.pauseBefore(100)).isEqualTo(Duration.ofSeconds(1));
        assertThat(Reading.pauseBefore(1000)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void theDeletionOfABufferEndsTheWait() throws Exception {
        Asked asked = new Asked(container);
        Future<byte[]> read = threads.submit(() -> Streams.read(asked));
        asked.waiting.acquire();
        container.delete();
        assertThatThrownBy(read::get).hasCauseInstanceOf(BufferMissingException.class);
    }

    @Test
    void anInterruptEndsTheReadOfABufferThatNeverEnds() throws Exception {
        Asked asked = new Asked(container);
        Future<byte[]> read = threads.submit(() -> Streams.read(asked));
        asked.waiting.acquire();
        threads.shutdownNow();
        assertThatThrownBy(read::get).hasCauseInstanceOf(TransferInterruptedException.class);
    }

    /** Counts bodies that have been read whole. */
    private static final class Counted extends SeenBlob {
        private final AtomicInteger fetched;

        Counted(OpenBlob inner, AtomicInteger fetched) {
            super(inner);
            this.fetched = fetched;
        }

        @Override
        public void readInto(Room room) {
            super.readInto(room);
            fetched.incrementAndGet();
        }
    }

    @Test
    @Timeout(300)
    void aStalledOutputHoldsNoMoreBodiesThanAllowed() throws Exception {
        byte[] bytes = Streams.random(2, 100_000);
        Streams.write(container, bytes);
        AtomicInteger fetched = new AtomicInteger();
        Container counting =
                new SeenContainer(container) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        return super.get(name, wait) instanceof Lookup.Found(OpenBlob blob)
                                        && blob.info().size() == 1000
                                ? new Lookup.Found(new Counted(blob, fetched))
                                : super.get(name, wait);
                    }
                };
        AtomicInteger released = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WritableByteChannel stalled =
                new WritableByteChannel() {
                    @Override
                    public int write(ByteBuffer source) throws IOException {
                        // It stands still until all that may be fetched ahead has been.
                        int ahead = Math.min(5, 100 - released.get());
                        while (fetched.get() - released.get() < ahead) {
                            Thread.onSpinWait();
                        }
                        most.accumulateAndGet(fetched.get() - released.get(), Math::max);
                        int length = source.remaining();
                        Channels.newChannel(out).write(source);
                        released.incrementAndGet();
                        return length;
                    }

                    @Override
                    public boolean isOpen() {
                        return true;
                    }

                    @Override
                    public void close() {}
                };
        new BufferReader(counting, Streams.READ.withDop(5)).read(stalled);
        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(most).hasValue(5);
    }

    /** A blob whose first byte arrives changed for as long as {@code wrong} says. */
    private static final class Changed extends SeenBlob {
        private final AtomicInteger wrong;

        Changed(OpenBlob inner, AtomicInteger wrong) {
            super(inner);
            this.wrong = wrong;
        }

        @Override
        public void readInto(Room room) {
            List<ByteBuffer> given = new ArrayList<>();
            super.readInto(() -> {
                given.add(room.next());
                return given.getLast();
            });
            if (!given.isEmpty() && wrong.getAndDecrement() > 0) {
                given.getFirst().put(0, (byte) ~given.getFirst().get(0));
            }
        }
    }

    @Test
    void aBodyThatIsWrongOnceIsFetchedAgain() {
        byte[] bytes = Streams.random(4, 20_000);
        Streams.write(container, bytes);
        AtomicInteger wrong = new AtomicInteger(3);
        Container changing =
                new SeenContainer(container) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        return super.get(name, wait) instanceof Lookup.Found(OpenBlob blob)
                                ? new Lookup.Found(new Changed(blob, wrong))
                                : new Lookup.Absent(false);
                    }
                };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ReadResult result = new BufferReader(changing, Streams.READ).read(Channels.newChannel(out));
        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(result.retries().wrongDigest()).isEqualTo(3);
    }

    @Test
    void aBlobLargerThanAllowedIsRefused() {
        Streams.write(container, Streams.random(4, 2000));
        ReadOptions small = Streams.READ.withLargestBlob(ByteSize.of(999));
        assertThatThrownBy(() ->
                        new BufferReader(container, small)
                                .read(Channels.newChannel(new ByteArrayOutputStream())))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("at most 999");
    }

    @Test
    void anUnknownStatusIsTakenForCompleteWithAWarning() {
        Streams.write(container, Streams.random(4, 2000));
        DamageTest.marker(container, "{\"status\":\"archived\"}");
        List<String> warnings = new CopyOnWriteArrayList<>();
        ReadOptions options =
                Streams.READ.withListener(
                        new TransferListener() {
                            @Override
                            public void warning(String message) {
                                warnings.add(message);
                            }
                        });
        new BufferReader(container, options).read(Channels.newChannel(new ByteArrayOutputStream()));
        assertThat(warnings).singleElement().asString().contains("archived");
    }

    @Test
    void aKnownEndIsNotReadBeyond() {
        Streams.write(container, Streams.random(4, 2500));
        Asked asked = new Asked(container);
        new BufferReader(asked, Streams.READ.withDop(32))
                .read(Channels.newChannel(new ByteArrayOutputStream()));
        assertThat(asked.gets)
                .containsExactlyInAnyOrder(
                        ".bufferend", ".bufferstart", "00/000", "00/001", "00/002", "00/003");
    }
}
