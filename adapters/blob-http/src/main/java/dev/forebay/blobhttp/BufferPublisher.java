package dev.forebay.blobhttp;

import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The remaining bytes of a buffer as the body of a request, in slices, without copying them. May be
 * subscribed to more than once.
 */
final class BufferPublisher implements Flow.Publisher<ByteBuffer> {
    private static final int SLICE = 256 * 1024;

    private final ByteBuffer body;
    private final AtomicInteger slices = new AtomicInteger();

    BufferPublisher(ByteBuffer body) {
        this.body = body.duplicate();
    }

    BodyPublisher publisher() {
        return body.hasRemaining()
                ? BodyPublishers.fromPublisher(this, body.remaining())
                : BodyPublishers.noBody();
    }

    /** Slices given so far; each is asked for when those before are on their way. */
    int slices() {
        return slices.get();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Slices(body.duplicate(), subscriber));
    }

    private final class Slices implements Flow.Subscription {
        private final ByteBuffer left;
        private final Flow.Subscriber<? super ByteBuffer> subscriber;

        /** Guards everything below; not held while the subscriber is called. */
        private final ReentrantLock lock = new ReentrantLock();

        private long demand;
        private boolean sending;
        private boolean done;

        Slices(ByteBuffer left, Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.left = left;
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
                int length = Math.min(SLICE, left.remaining());
                ByteBuffer slice = left.slice(left.position(), length);
                left.position(left.position() + length);
                slices.incrementAndGet();
                subscriber.onNext(slice);
                if (!left.hasRemaining()) {
                    cancel();
                    subscriber.onComplete();
                }
            }
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
