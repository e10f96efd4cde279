package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.stream.BufferException;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.FailureMark;
import dev.forebay.stream.TransferListener;
import dev.forebay.stream.WriteOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a program puts into the pipe of an output into a buffer.
 *
 * <p><b>Guarantee.</b> The end marker is written after {@link #settle}: <em>complete</em> if the
 * run succeeded, else <em>failed</em>. All bytes that the program wrote are in a complete buffer.
 * The program may open the pipe never, once or often. After {@link #awaitEnd} no thread is left.
 *
 * <p><b>Limit.</b> A process that outlives the run and holds the pipe is waited for {@link
 * #STRAGGLER}; then the output has failed.
 *
 * <p>The order of calls: {@link #begin}, {@link #drain} when the program has ended, {@link
 * #settle}, {@link #awaitEnd}. {@link #abort} at any time, from any thread.
 */
final class OutputTransfer {
    /** How long one read may wait after the program has ended. */
    static final Duration STRAGGLER = Duration.ofSeconds(10);

    /** How long a container that fails is tried again after {@link #abort}. */
    private static final Duration LAST_TRY = Duration.ofSeconds(3);

    private final Parameter parameter;
    private final Clock clock;
    private final Consumer<TransferFailure> owner;
    private final FileChannel source;

    /** Held open by this side, so that a pipe that the program has not opened has no end. */
    private final FileChannel ours;

    private final CompletableFuture<Boolean> verdict = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** A read of the pipe is under way, since {@link #readingSince}. */
    @GuardedBy("lock")
    private boolean reading;

    @GuardedBy("lock")
    private long readingSince;

    /** The end of the pipe was read, or will never be. */
    @GuardedBy("lock")
    private boolean drained;

    @GuardedBy("lock")
    private @Nullable TransferFailure failure;

    @GuardedBy("lock")
    private @Nullable Worker writer;

    /** Of an ephemeral buffer, once the transfer has begun. */
    @GuardedBy("lock")
    private @Nullable Relay relay;

    private volatile boolean aborted;

    /** The run had failed before the transfer did. */
    private volatile boolean runFailed;

    OutputTransfer(
            Parameter parameter, NamedPipe pipe, Clock clock, Consumer<TransferFailure> owner)
            throws IOException {
        this.parameter = parameter;
        this.clock = clock;
        this.owner = owner;
        try (FileChannel _ = pipe.openBoth()) {
            source = pipe.openReader();
            ours = pipe.awaitReader();
        }
        pipe.enlarge();
    }

    void begin(Container buffer, WriteOptions options) {
        lock.lock();
        try {
            writer =
                    Worker.virtual(
                            "forebay-run-output", () -> write(buffer, options), this::failed);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #begin(Container, WriteOptions)}, for an ephemeral buffer. */
    void begin(Relay to) {
        lock.lock();
        try {
            relay = to;
            // Not a virtual one: this read blocks in the kernel, and would keep its carrier.
            writer = Worker.platform("forebay-run-output", () -> send(to), this::failed);
        } finally {
            lock.unlock();
        }
    }

    /** Its end, and the failure of a run, come with the end of the run. */
    private void send(Relay to) throws InterruptedException {
        try {
            ByteBuffer piece = ByteBuffer.allocate(Relay.PIECE);
            Pipe pipe = new Pipe(to);
            while (pipe.read(piece) >= 0) {
                to.send(piece.flip());
                piece.clear();
            }
        } catch (IOException | RuntimeException | Error e) {
            if (!runFailed) {
                failed(e);
            }
        } finally {
            drained();
        }
    }

    private void write(Container buffer, WriteOptions options) {
        Marked marked = new Marked(options.listener());
        try {
            new BufferWriter(buffer, options.withListener(marked)).write(new Pipe(null));
        } catch (RuntimeException | Error e) {
            if (!runFailed) {
                failed(e);
            }
            if (marked.isUnbegun()) {
                mark(() -> Outputs.failUnbegun(List.of(parameter), _ -> buffer, soon(options)));
            } else if (marked.isMissing() && !aborted) {
                mark(() -> Outputs.failAbandoned(List.of(parameter), _ -> buffer, options));
            }
        } finally {
            drained();
        }
    }

    private WriteOptions soon(WriteOptions options) {
        return aborted ? options.withRetryTime(LAST_TRY) : options;
    }

    /** Does what the writer could not do, or had no time for. */
    private void mark(Supplier<Optional<TransferFailure>> marking) {
        boolean interrupted = Thread.interrupted();
        marking.get()
                .ifPresent(unmarked ->
                        failed(
                                new BufferException(
                                        "it could not be marked failed, its readers may wait: "
                                                + unmarked.reason())));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void failed(Throwable reason) {
        TransferFailure found = new TransferFailure(parameter, Reason.of(reason));
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            failure = found;
        } finally {
            lock.unlock();
        }
        if (!aborted) {
            owner.accept(found);
        }
    }

    private void drained() {
        lock.lock();
        try {
            drained = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The program has ended: waits until all that it wrote was read.
     *
     * @return why the output cannot be complete
     */
    Optional<TransferFailure> drain() throws IOException, InterruptedException {
        ours.close();
        long since = clock.nanos();
        boolean stuck = false;
        lock.lockInterruptibly();
        try {
            if (relay != null) {
                relay.hurry();
            }
            while (writer != null && !drained && !stuck) {
                if (!reading) {
                    changed.await();
                    continue;
                }
                long start = readingSince - since > 0 ? readingSince : since;
                long deadline = start + STRAGGLER.toNanos();
                clock.await(lock, changed, deadline);
                stuck = !drained && reading && deadline - clock.nanos() <= 0;
            }
            if (stuck && failure == null) {
                failure =
                        new TransferFailure(
                                parameter,
                                "a process that outlives the run holds the pipe open; end it");
            }
        } finally {
            lock.unlock();
        }
        if (stuck) {
            source.close();
        }
        return failure();
    }

    private Optional<TransferFailure> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /** Says whether the run succeeded; only now the end marker is written. */
    void settle(boolean succeeded) {
        runFailed = !succeeded;
        verdict.complete(succeeded);
    }

    /** Waits for the end marker and the end of the thread. */
    Optional<TransferFailure> awaitEnd() throws IOException {
        Worker worker;
        lock.lock();
        try {
            worker = writer;
        } finally {
            lock.unlock();
        }
        if (worker != null) {
            worker.join();
        }
        try {
            source.close();
        } finally {
            ours.close();
        }
        return failure();
    }

    /** Ends the write within seconds; the buffer is marked failed if that can still be. */
    void abort() {
        aborted = true;
        verdict.complete(false);
        lock.lock();
        try {
            if (writer != null) {
                writer.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The program's bytes. Their end is reported once the verdict is known. */
    private final class Pipe implements ReadableByteChannel {
        private final @Nullable Relay to;

        /**
         * @param to of an ephemeral buffer: its receiver must be there before the end
         */
        Pipe(@Nullable Relay to) {
            this.to = to;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            reading(true);
            int count;
            try {
                count = source.read(target);
            } finally {
                reading(false);
            }
            if (count >= 0) {
                return count;
            }
            awaitReceiver();
            drained();
            if (!awaitVerdict()) {
                throw new IOException("the run did not succeed");
            }
            return -1;
        }

        private void awaitReceiver() throws IOException {
            try {
                if (to != null) {
                    to.awaitReceiver();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new ClosedByInterruptException().initCause(e);
            }
        }

        private void reading(boolean now) {
            lock.lock();
            try {
                reading = now;
                readingSince = clock.nanos();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private boolean awaitVerdict() throws IOException {
            try {
                return verdict.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new ClosedByInterruptException().initCause(e);
            } catch (ExecutionException e) {
                throw new AssertionError("a verdict is given, never failed", e);
            }
        }

        @Override
        public boolean isOpen() {
            return source.isOpen();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException("a writer leaves its input open");
        }
    }

    /** Remembers what readers of a failed buffer were told. */
    static final class Marked implements TransferListener {
        private final TransferListener next;
        private volatile @Nullable FailureMark mark;

        Marked(TransferListener next) {
            this.next = next;
        }

        /** Whether the writer ended before it put anything. */
        boolean isUnbegun() {
            return mark == null;
        }

        /** Whether readers may wait in vain. */
        boolean isMissing() {
            FailureMark told = mark;
            return told == null || told == FailureMark.NOT_WRITTEN || told == FailureMark.UNKNOWN;
        }

        @Override
        public void moved(long bytes) {
            next.moved(bytes);
        }

        @Override
        public void retrying(ContainerException reason) {
            next.retrying(reason);
        }

        @Override
        public void failureMarked(FailureMark told) {
            mark = told;
            next.failureMarked(told);
        }

        @Override
        public void warning(String message) {
            next.warning(message);
        }
    }
}
