package dev.forebay.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** A request body that is published as its source gives it, without waiting for more. */
final class PieceByPiece implements Flow.Publisher<ByteBuffer> {
    private final InputStream source;

    PieceByPiece(InputStream source) {
        this.source = source;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        Semaphore wanted = new Semaphore(0);
        AtomicBoolean cancelled = new AtomicBoolean();
        subscriber.onSubscribe(
                new Flow.Subscription() {
                    @Override
                    public void request(long count) {
                        wanted.release((int) Math.min(count, 1000));
                    }

                    @Override
                    public void cancel() {
                        cancelled.set(true);
                        wanted.release();
                    }
                });
        Thread.ofVirtual().start(() -> publish(subscriber, wanted, cancelled));
    }

    private void publish(
            Flow.Subscriber<? super ByteBuffer> subscriber,
            Semaphore wanted,
            AtomicBoolean cancelled) {
        byte[] piece = new byte[8192];
        try {
            for (int count = source.read(piece); count >= 0; count = source.read(piece)) {
                wanted.acquireUninterruptibly();
                if (cancelled.get()) {
                    return;
                }
                subscriber.onNext(ByteBuffer.wrap(Arrays.copyOf(piece, count)));
            }
            subscriber.onComplete();
        } catch (IOException e) {
            subscriber.onError(e);
        }
    }
}
