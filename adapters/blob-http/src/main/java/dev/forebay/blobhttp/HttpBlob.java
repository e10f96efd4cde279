package dev.forebay.blobhttp;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.OpenBlob;
import java.io.IOException;
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
    public void readInto(ByteBuffer target) {
        receive(target::put);
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

        /** Guards everything below. */
        private final ReentrantLock lock = new ReentrantLock();

        private final Condition changed = lock.newCondition();
        private Flow.@Nullable Subscription subscription;
        private boolean givenUp;
        private boolean ended;
        private boolean taking;
        private @Nullable Throwable failure;
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
            if (!begin()) {
                return;
            }
            Throwable wrong = null;
            long length = 0;
            try {
                for (ByteBuffer piece : arrived) {
                    length += piece.remaining();
                    if (received + length > info.size()) {
                        throw broken("runs on after " + info.size() + " bytes", null);
                    }
                    target.take(piece);
                }
            } catch (IOException | RuntimeException e) {
                wrong = e;
            }
            finish(length, wrong);
        }

        private boolean begin() {
            lock.lock();
            try {
                taking = !givenUp && failure == null;
                return taking;
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
                failure = failure == null ? broken("broke off", e) : failure;
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

        private ContainerException broken(String how, @Nullable Throwable cause) {
            return new ContainerException(
                    Fault.BROKEN_BODY,
                    "the body of blob "
                            + info.name()
                            + " "
                            + how
                            + "; "
                            + received
                            + " of "
                            + info.size()
                            + " bytes came",
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
            boolean whole = false;
            lock.lock();
            try {
                whole = awaitEnd();
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
                lock.unlock();
            }
        }

        private boolean awaitEnd() throws InterruptedException {
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
                            "of blob "
                                    + info.name()
                                    + " only "
                                    + (received - before)
                                    + " bytes came in "
                                    + progress.toMillis()
                                    + " ms, at least "
                                    + LEAST
                                    + " or the rest are expected; "
                                    + received
                                    + " of "
                                    + info.size()
                                    + " bytes came in all");
                }
                left = changed.awaitNanos(left);
            }
            switch (failure) {
                case null -> {
                    if (received != info.size()) {
                        throw broken("ended early", null);
                    }
                    return true;
                }
                case ContainerException e -> throw e;
                case Throwable e ->
                        throw new ContainerException(
                                Fault.FAILED,
                                "the target of blob " + info.name() + " failed: " + e.getMessage(),
                                e);
            }
        }
    }
}
