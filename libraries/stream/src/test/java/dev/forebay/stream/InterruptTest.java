package dev.forebay.stream;

import static dev.forebay.stream.Streams.BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An interrupt at every call to the container, before it takes effect and on the way back, and at
 * any moment: the writer leaves the word that it failed, the reader no wrong byte, and neither a
 * thread.
 */
@Timeout(900)
class InterruptTest {
    private static final long SOON = 1_000_000_000;
    private static final int NEVER = Integer.MAX_VALUE;
    private static final int SLOWER = 1000;

    /** One transfer on a thread of its own, and everybody who had a hand in it. */
    private static final class Attempt {
        final MemoryContainer container = new MemoryContainer();
        final Set<Thread> helpers = ConcurrentHashMap.newKeySet();
        final AtomicInteger calls = new AtomicInteger();
        private final int victim;
        private final boolean late;
        private final CountDownLatch begun = new CountDownLatch(1);
        private @Nullable Thread thread;
        private @Nullable BlobName interrupted;

        /** Interrupts at this call, before it takes effect or when it has. */
        Attempt(int victim, boolean late) {
            this.victim = victim;
            this.late = late;
        }

        /** Like a network: calls that are interrupted may have taken effect. */
        final Container remote =
                new SeenContainer(container) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        return call(name, () -> super.head(name));
                    }

                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        return call(name, () -> super.put(name, body, expected, metadata));
                    }

                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        return call(name, () -> super.get(name, wait));
                    }
                };

        private <T> T call(BlobName name, Supplier<T> call) {
            helpers.add(Thread.currentThread());
            boolean hit = calls.incrementAndGet() == victim;
            if (hit && !late) {
                interrupt(name);
            }
            meet();
            T result = call.get();
            if (hit && late) {
                interrupt(name);
            }
            meet();
            return result;
        }

        private void interrupt(BlobName name) {
            interrupted = name;
            Thread runner = thread;
            if (runner != null) {
                if (!runner.equals(Thread.currentThread())) {
                    letWait(runner);
                }
                runner.interrupt();
            }
        }

        /** Lets the transfer come to a wait, as it does soon, so that the interrupt ends a wait. */
        private static void letWait(Thread runner) {
            for (long start = System.nanoTime(); System.nanoTime() - start < SOON; ) {
                switch (runner.getState()) {
                    case WAITING, TIMED_WAITING, TERMINATED -> {
                        return;
                    }
                    default -> Thread.onSpinWait();
                }
            }
        }

        private static void meet() {
            if (Thread.currentThread().isInterrupted()) {
                throw new ContainerException(Fault.CLOSED, "interrupted");
            }
        }

        /**
         * Notices the threads that never call the container; and runs so slowly that the word of a
         * writer that gives up has all the time that a busy machine needs.
         */
        final Clock clock =
                new Clock() {
                    @Override
                    public long nanos() {
                        return Clock.system().nanos() / SLOWER;
                    }

                    @Override
                    public Instant wall() {
                        return Clock.system().wall();
                    }

                    @Override
                    public void await(Lock lock, Condition condition, long deadline)
                            throws InterruptedException {
                        helpers.add(Thread.currentThread());
                        Clock.system().await(lock, condition, deadline * SLOWER);
                    }
                };

        /** Runs it, for the time given if any, then interrupts; what it threw, if anything. */
        @Nullable RuntimeException run(Runnable transfer, long nanos) throws Exception {
            FutureTask<@Nullable RuntimeException> task =
                    new FutureTask<>(() -> {
                        begun.countDown();
                        try {
                            transfer.run();
                            return null;
                        } catch (RuntimeException e) {
                            assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
                            return e;
                        }
                    });
            Thread runner = Thread.ofPlatform().daemon().unstarted(task);
            thread = runner;
            runner.start();
            if (nanos != NEVER) {
                begun.await();
                for (long start = System.nanoTime(); System.nanoTime() - start < nanos; ) {
                    Thread.onSpinWait();
                }
                runner.interrupt();
            }
            RuntimeException thrown = task.get();
            helpers.add(runner);
            for (Thread helper : helpers) {
                assertThat(helper.join(Duration.ofMinutes(1))).as("%s ends", helper).isTrue();
            }
            return thrown;
        }

        boolean met() {
            return interrupted != null;
        }

        /** Whether the interrupt came between the end marker and its acknowledgement. */
        boolean cameTooLate() {
            return late && EndMarker.NAME.equals(interrupted);
        }

        String end() {
            return container.names().contains(EndMarker.NAME) ? Streams.endMarker(container) : "";
        }
    }

    /** Notices the thread that reads. */
    private record Input(ReadableByteChannel inner, Set<Thread> helpers)
            implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            helpers.add(Thread.currentThread());
            return inner.read(target);
        }

        @Override
        public boolean isOpen() {
            return inner.isOpen();
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }

    private static @Nullable RuntimeException write(Attempt attempt, Duration flush, long nanos)
            throws Exception {
        WriteOptions options = Streams.WRITE.withFlushInterval(flush).withClock(attempt.clock);
        BufferWriter writer = new BufferWriter(attempt.remote, options);
        return attempt.run(
                () -> writer.write(new Input(Streams.channel(BYTES), attempt.helpers)), nanos);
    }

    /** Whether an end marker stands just where a start marker does, and says how it was. */
    private static boolean saysHowItEnded(Attempt attempt, @Nullable RuntimeException thrown) {
        if (!attempt.container.names().contains(StartMarker.NAME)) {
            return attempt.end().isEmpty();
        }
        boolean complete = thrown == null || attempt.cameTooLate();
        return attempt.end()
                .contains(complete ? "\"status\":\"complete\"" : "\"status\":\"failed\"");
    }

    /** Whether the end marker is right after an interrupt at every call. */
    private static boolean saysSoAtEveryCall(boolean late, Duration flush) throws Exception {
        for (int at = 1; ; at++) {
            Attempt attempt = new Attempt(at, late);
            RuntimeException thrown = write(attempt, flush, NEVER);
            if (!attempt.met()) {
                assertThat(at).isGreaterThan(9);
                return true;
            }
            assertThat(thrown).isInstanceOf(TransferInterruptedException.class);
            if (!saysHowItEnded(attempt, thrown)) {
                return false;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false,PT0S", "true,PT0S", "false,PT1H", "true,PT1H"})
    void aWriterThatIsInterruptedAtAnyCallSaysThatItFailed(boolean late, Duration flush)
            throws Exception {
        assertThat(saysSoAtEveryCall(late, flush)).isTrue();
    }

    @Test
    void aWriterThatIsInterruptedAtAnyMomentLeavesAnEndMarkerAndNoThread() throws Exception {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            Attempt attempt = new Attempt(NEVER, false);
            Duration flush = random.nextBoolean() ? Duration.ZERO : Duration.ofNanos(20);
            write(attempt, flush, random.nextInt(1_500_000));
            assertThat(attempt.end().isEmpty())
                    .isEqualTo(!attempt.container.names().contains(StartMarker.NAME));
        }
    }

    private static void checkRead(
            Attempt attempt, ByteArrayOutputStream out, @Nullable RuntimeException thrown) {
        byte[] released = out.toByteArray();
        assertThat(released).isEqualTo(Arrays.copyOf(BYTES, released.length));
        if (thrown == null) {
            assertThat(released).hasSize(BYTES.length);
        } else {
            assertThat(thrown).isInstanceOf(TransferInterruptedException.class);
        }
        assertThat(attempt.calls).hasPositiveValue();
    }

    private static @Nullable RuntimeException read(
            Attempt attempt, ByteArrayOutputStream out, long nanos) throws Exception {
        BufferReader reader =
                new BufferReader(attempt.remote, Streams.READ.withClock(attempt.clock));
        return attempt.run(() -> reader.read(Channels.newChannel(out)), nanos);
    }

    @Test
    void aReaderThatIsInterruptedAtAnyCallReleasesABeginningAndLeavesNoThread() throws Exception {
        for (boolean late : new boolean[] {false, true}) {
            for (int at = 1; ; at++) {
                Attempt attempt = new Attempt(at, late);
                Streams.write(attempt.container, BYTES);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                RuntimeException thrown = read(attempt, out, NEVER);
                if (!attempt.met()) {
                    assertThat(at).isGreaterThan(8);
                    break;
                }
                checkRead(attempt, out, thrown);
            }
        }
    }

    @Test
    void aReaderThatIsInterruptedAtAnyMomentReleasesABeginningAndLeavesNoThread() throws Exception {
        Random random = new Random(12);
        for (int round = 0; round < 300; round++) {
            Attempt attempt = new Attempt(NEVER, false);
            Streams.write(attempt.container, BYTES);
            if (random.nextBoolean()) {
                attempt.container.remove(EndMarker.NAME);
                attempt.container.remove(BlobNumber.nameOf(5));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            checkRead(attempt, out, read(attempt, out, random.nextInt(1_500_000)));
        }
    }
}
