package dev.forebay.blobhttp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The remaining bytes of buffers, one after the other, as the body of a request, in slices, without
 * copying them. May be subscribed to more than once.
 */
final class BufferPublisher implements Flow.Publisher<ByteBuffer> {
    private static final int SLICE = 256 * 1024;

    private final List<ByteBuffer> body;
    private final long length;
    private final AtomicInteger slices = new AtomicInteger();

    BufferPublisher(List<ByteBuffer> pieces) {
        this.body =
                pieces.stream()
                        .filter(ByteBuffer::hasRemaining)
                        .map(ByteBuffer::duplicate)
                        .toList();
        this.length = body.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** Bytes in all. */
    long length() {
        return length;
    }

    BodyPublisher publisher() {
        return length > 0 ? BodyPublishers.fromPublisher(this, length) : BodyPublishers.noBody();
    }

    /** Slices given so far; each is asked for when those before are on their way. */
    int slices() {
        return slices.get();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Slices(subscriber));
    }

    private final class Slices implements Flow.Subscription {
        private final Deque<ByteBuffer> left = new ArrayDeque<>();
        private final Flow.Subscriber<? super ByteBuffer> subscriber;

        /** Not held while the subscriber is called. */
        private final ReentrantLock lock = new ReentrantLock();

        @GuardedBy("lock")
        private long demand;

        @GuardedBy("lock")
        private boolean sending;

        @GuardedBy("lock")
        private boolean done;

        Slices(Flow.Subscriber<? super ByteBuffer> subscriber) {
            body.forEach(piece -> left.add(piece.duplicate()));
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            lock.lock();
            try {
                demand += Math.min(n, Integer.MAX_VALUE);
                if (sending) {
                    return;
                }
                sending = true;
            } finally {
                lock.unlock();
            }
            // A subscriber that asks for more from inside onNext comes back to this loop.
            while (mayGoOn()) {
                ByteBuffer slice = next();
                slices.incrementAndGet();
                subscriber.onNext(slice);
                if (left.isEmpty()) {
                    cancel();
                    subscriber.onComplete();
                }
            }
        }

        private ByteBuffer next() {
            ByteBuffer piece = left.getFirst();
            int count = Math.min(SLICE, piece.remaining());
            ByteBuffer slice = piece.slice(piece.position(), count);
            piece.position(piece.position() + count);
            if (!piece.hasRemaining()) {
                left.removeFirst();
            }
            return slice;
        }

        private boolean mayGoOn() {
            lock.lock();
            try {
                sending = demand > 0 && !done;
                demand -= sending ? 1 : 0;
                return sending;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                done = true;
            } finally {
                lock.unlock();
            }
        }
    }
}
