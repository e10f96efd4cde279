package dev.forebay.blobhttp;

import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer: to be streamed if it is a blob, its first bytes if it explains a fault.
 */
sealed interface Reply {
    record Stream(Flow.Publisher<List<ByteBuffer>> body) implements Reply {}

    record Explanation(String text) implements Reply {}

    /** Streams the body of a 200 and takes an excerpt of all others. */
    static BodyHandler<Reply> streaming(Duration progress) {
        return head ->
                head.statusCode() == 200
                        ? BodySubscribers.mapping(BodySubscribers.ofPublisher(), Stream::new)
                        : new Excerpt(progress);
    }

    static BodyHandler<Reply> explained(Duration progress) {
        return head -> new Excerpt(progress);
    }

    /** Keeps the first bytes; a body that stalls or never ends does not hold anybody. */
    final class Excerpt implements BodySubscriber<Reply> {
        private static final int KEPT = 4096;
        private static final int READ = 64 * 1024;

        private final ByteBuffer kept = ByteBuffer.allocate(KEPT);
        private final CompletableFuture<Reply> text = new CompletableFuture<>();
        private final Duration progress;
        private int seen;

        Excerpt(Duration progress) {
            this.progress = progress;
        }

        @Override
        public CompletionStage<Reply> getBody() {
            return text.completeOnTimeout(
                    new Explanation("(no end of the explanation)"),
                    progress.toMillis(),
                    TimeUnit.MILLISECONDS);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
            CompletableFuture<Reply> _ =
                    text.whenComplete((reply, failure) -> subscription.cancel());
        }

        @Override
        public void onNext(List<ByteBuffer> pieces) {
            for (ByteBuffer piece : pieces) {
                seen += piece.remaining();
                kept.put(piece.slice().limit(Math.min(piece.remaining(), kept.remaining())));
            }
            if (seen > READ) {
                onComplete();
            }
        }

        @Override
        public void onError(Throwable failure) {
            text.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            text.complete(
                    new Explanation(
                            new String(kept.array(), 0, kept.position(), StandardCharsets.UTF_8)));
        }
    }
}
