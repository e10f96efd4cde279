package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.blob.Container;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.ReadOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds one buffer, stored or ephemeral, into the pipe of an input, from the moment that the
 * program opens it.
 *
 * <p><b>Guarantee.</b> The program meets the end of its input only after the whole buffer went into
 * the pipe, checked; if the buffer cannot be read, the pipe stays open, the owner hears of it, and
 * the program is to be ended. A program that closes its input early does no harm. After {@link
 * #end} no thread is left.
 *
 * <p><b>Limit.</b> The program can open the pipe for one reading only: a second opening blocks.
 *
 * <p>The feeding thread is a platform thread, as it blocks in system calls.
 */
final class InputTransfer {
    private final Parameter parameter;
    private final NamedPipe pipe;
    private final Consumer<TransferFailure> owner;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private @Nullable FileChannel open;

    @GuardedBy("lock")
    private @Nullable TransferFailure failure;

    @GuardedBy("lock")
    private @Nullable Worker feeder;

    private volatile boolean programLeft;

    /** Where the bytes come from; called by the feeding thread, and once it has ended. */
    interface Source {
        /** Writes everything, and does not close the target. */
        void read(WritableByteChannel target) throws IOException, InterruptedException;

        /** The program takes no more. Returns at once. */
        void leave();

        /** A stored buffer, whose writer does not care who reads. */
        static Source of(Container buffer, ReadOptions options) {
            return new Source() {
                @Override
                public void read(WritableByteChannel target) {
                    new BufferReader(buffer, options).read(target);
                }

                @Override
                public void leave() {}
            };
        }

        static Source of(Relay relay) {
            return new Source() {
                @Override
                public void read(WritableByteChannel target)
                        throws IOException, InterruptedException {
                    ByteBuffer piece = relay.next();
                    while (piece != null) {
                        while (piece.hasRemaining()) {
                            target.write(piece);
                        }
                        piece = relay.next();
                    }
                }

                @Override
                public void leave() {
                    relay.leave();
                }
            };
        }
    }

    /** Null until the transfer begins. */
    @GuardedBy("lock")
    private @Nullable Source source;

    InputTransfer(Parameter parameter, NamedPipe pipe, Consumer<TransferFailure> owner) {
        this.parameter = parameter;
        this.pipe = pipe;
        this.owner = owner;
    }

    void begin(Source from) {
        lock.lock();
        try {
            source = from;
            feeder = Worker.platform("forebay-run-input", () -> feed(from), this::fail);
        } finally {
            lock.unlock();
        }
    }

    private void feed(Source from) throws IOException, InterruptedException {
        FileChannel end = pipe.awaitReader();
        if (!opened(end)) {
            return;
        }
        pipe.enlarge();
        try {
            from.read(new ProgramEnd(end));
        } catch (IOException | RuntimeException | Error e) {
            if (!programLeft) {
                fail(e);
                return;
            }
            from.leave();
        }
        closePipe();
    }

    /** False, and closes it, if the program ended before it opened its end. */
    private boolean opened(FileChannel end) throws IOException {
        lock.lock();
        try {
            if (!ended) {
                open = end;
                return true;
            }
        } finally {
            lock.unlock();
        }
        end.close();
        return false;
    }

    private void closePipe() throws IOException {
        FileChannel end;
        lock.lock();
        try {
            end = open;
            open = null;
        } finally {
            lock.unlock();
        }
        if (end != null) {
            end.close();
        }
    }

    /** Leaves the pipe open, so that the program does not take this for the end of its input. */
    private void fail(Throwable reason) {
        TransferFailure found = new TransferFailure(parameter, Reason.of(reason));
        lock.lock();
        try {
            if (ended || failure != null) {
                return;
            }
            failure = found;
        } finally {
            lock.unlock();
        }
        owner.accept(found);
    }

    /**
     * The program has ended: ends the feeding and waits for its thread.
     *
     * @return why the input did not get through, if that came before the program's end
     */
    Optional<TransferFailure> end() throws IOException {
        TransferFailure found;
        Worker worker;
        Source from;
        lock.lock();
        try {
            ended = true;
            found = failure;
            worker = feeder;
            from = source;
        } finally {
            lock.unlock();
        }
        try {
            if (worker != null) {
                release(worker);
            }
        } finally {
            if (from != null) {
                from.leave();
            }
        }
        closePipe();
        return Optional.ofNullable(found);
    }

    /** Opens both ends, so that a thread that waits in vain for the program's end goes on. */
    private void release(Worker worker) throws IOException {
        try (FileChannel _ = pipe.openBoth()) {
            worker.interrupt();
            worker.join();
        }
    }

    /** The program's end of the pipe, which remembers that the program closed it. */
    private final class ProgramEnd implements WritableByteChannel {
        private final FileChannel end;

        ProgramEnd(FileChannel end) {
            this.end = end;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            try {
                return end.write(source);
            } catch (IOException e) {
                programLeft = true;
                throw e;
            }
        }

        @Override
        public boolean isOpen() {
            return end.isOpen();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException("a reader leaves its output open");
        }
    }
}
