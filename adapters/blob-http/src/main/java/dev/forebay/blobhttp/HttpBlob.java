package dev.forebay.blobhttp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ForebayException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.OpenBlob;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer on its way in. Pieces go to their target on the thread that received them,
 * without being kept; the caller waits, and gives up when too little came for too long.
 */
final class HttpBlob implements OpenBlob {
    /** What has to come in the time for progress: a byte now and then is none. */
    private static final int LEAST = 64 * 1024;

    private final BlobInfo info;
    private final Flow.Publisher<List<ByteBuffer>> body;
    private final Duration progress;
    private boolean used;

    HttpBlob(BlobInfo info, Flow.Publisher<List<ByteBuffer>> body, Duration progress) {
        this.info = info;
        this.body = body;
        this.progress = progress;
    }

    @Override
    public BlobInfo info() {
        return info;
    }

    private interface Target {
        void take(ByteBuffer piece) throws IOException;
    }

    @Override
    public void transferTo(WritableByteChannel target) {
        receive(piece -> {
            while (piece.hasRemaining()) {
                target.write(piece);
            }
        });
    }

    @Override
    public void readInto(Room room) {
        receive(new Filling(room));
    }

    /** Copies pieces into one buffer after the other. */
    private static final class Filling implements Target {
        private final Room room;
        private ByteBuffer target = ByteBuffer.allocate(0);

        Filling(Room room) {
            this.room = room;
        }

        @Override
        public void take(ByteBuffer piece) {
            while (piece.hasRemaining()) {
                if (!target.hasRemaining()) {
                    target = room.next();
                }
                int length = Math.min(target.remaining(), piece.remaining());
                if (length == 0) {
                    throw new BufferOverflowException();
                }
                target.put(piece.slice(piece.position(), length));
                piece.position(piece.position() + length);
            }
        }
    }

    private void receive(Target target) {
        if (used) {
            throw new IllegalStateException("the body of " + info.name() + " was read already");
        }
        used = true;
        Receiver receiver = new Receiver(target);
        body.subscribe(receiver);
        receiver.await();
    }

    @Override
    public void close() {
        if (!used) {
            used = true;
            cutOff(body);
        }
    }

    /** Ends a body that nobody reads, so that its connection does not stay taken. */
    static void cutOff(Flow.Publisher<List<ByteBuffer>> body) {
        body.subscribe(
                new Flow.Subscriber<>() {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.cancel();
                    }

                    @Override
                    public void onNext(List<ByteBuffer> pieces) {}

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onComplete() {}
                });
    }

    private final class Receiver implements Flow.Subscriber<List<ByteBuffer>> {
        private final Target target;

        private final ReentrantLock lock = new ReentrantLock();

        private final Condition changed = lock.newCondition();

        @GuardedBy("lock")
        private Flow.@Nullable Subscription subscription;

        @GuardedBy("lock")
        private boolean givenUp;

        @GuardedBy("lock")
        private boolean ended;

        @GuardedBy("lock")
        private boolean taking;

        @GuardedBy("lock")
        private @Nullable Throwable failure;

        @GuardedBy("lock")
        private long received;

        Receiver(Target target) {
            this.target = target;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            lock.lock();
            try {
                subscription = given;
                if (givenUp) {
                    given.cancel();
                    return;
                }
            } finally {
                lock.unlock();
            }
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> arrived) {
            long room = begin();
            if (room < 0) {
                return;
            }
            Throwable wrong = null;
            long length = 0;
            try {
                for (ByteBuffer piece : arrived) {
                    length += piece.remaining();
                    if (length > room) {
                        throw broken("runs on", info.size() - room, null);
                    }
                    target.take(piece);
                }
            } catch (Throwable e) {
                // Out of memory, too: the thread that waits throws it.
                wrong = e;
            }
            finish(length, wrong);
        }

        /** The bytes that may still come, or -1 if no more are taken. */
        private long begin() {
            lock.lock();
            try {
                taking = !givenUp && failure == null;
                return taking ? info.size() - received : -1;
            } finally {
                lock.unlock();
            }
        }

        private void finish(long length, @Nullable Throwable wrong) {
            lock.lock();
            try {
                taking = false;
                received += length;
                failure = failure == null ? wrong : failure;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onError(Throwable e) {
            lock.lock();
            try {
                failure = failure == null ? broken("broke off", received, e) : failure;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onComplete() {
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private ContainerException broken(String how, long came, @Nullable Throwable cause) {
            return new ContainerException(
                    Fault.BROKEN_BODY,
                    "the body of blob %s %s; %d of %d bytes came"
                            .formatted(info.name(), how, came, info.size()),
                    cause);
        }

        void giveUp() {
            lock.lock();
            try {
                givenUp = true;
                if (subscription != null) {
                    subscription.cancel();
                }
            } finally {
                lock.unlock();
            }
        }

        /**
         * Waits for the end of the body. The target is never in use after this returns: a piece
         * that is being taken is waited for.
         */
        void await() {
            lock.lock();
            try {
                awaitWhole();
            } finally {
                lock.unlock();
            }
        }

        @GuardedBy("lock")
        private void awaitWhole() {
            boolean whole = false;
            try {
                awaitEnd();
                whole = true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ContainerException(
                        Fault.CLOSED, "interrupted while reading blob " + info.name(), e);
            } finally {
                if (!whole) {
                    giveUp();
                }
                while (taking) {
                    changed.awaitUninterruptibly();
                }
            }
        }

        @GuardedBy("lock")
        private void awaitEnd() throws InterruptedException {
            long before = received;
            long left = progress.toNanos();
            while (!ended && failure == null) {
                if (taking || received - before >= LEAST) {
                    before = received;
                    left = progress.toNanos();
                }
                if (left <= 0) {
                    throw new ContainerException(
                            Fault.TIMED_OUT,
                            "of blob %s only %d bytes came in %d ms, at least %d or the rest are expected; %d of %d bytes came in all"
                                    .formatted(
                                            info.name(),
                                            received - before,
                                            progress.toMillis(),
                                            LEAST,
                                            received,
                                            info.size()));
                }
                left = changed.awaitNanos(left);
            }
            switch (failure) {
                case null -> {
                    if (received != info.size()) {
                        throw broken("ended early", received, null);
                    }
                }
                case ForebayException e -> throw e;
                case Error e -> throw e;
                case Throwable e ->
                        throw new ContainerException(
                                Fault.FAILED,
                                "the target of blob %s failed: %s"
                                        .formatted(info.name(), e.getMessage()),
                                e);
            }
        }
    }
}
