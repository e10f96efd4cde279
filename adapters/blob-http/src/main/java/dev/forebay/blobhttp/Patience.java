package dev.forebay.blobhttp;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;

/** How long a request with a body is waited for: while it makes progress. */
final class Patience {
    private Patience() {}

    /**
     * Waits for the answer; blocks. However it ends but by an answer, the request is cancelled.
     *
     * @param sent a figure that grows with the body that is on its way
     * @throws HttpTimeoutException if neither the figure grew nor an answer came for a whole {@code
     *     period}; it is thrown before the end of a second one
     */
    static <T> T await(CompletableFuture<T> answer, IntSupplier sent, Duration period)
            throws IOException, InterruptedException {
        int seen = -1;
        try {
            while (true) {
                try {
                    return answer.get(period.toNanos(), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    int now = sent.getAsInt();
                    if (now == seen) {
                        HttpTimeoutException still =
                                new HttpTimeoutException(
                                        "request stood still for " + period.toMillis() + " ms");
                        still.initCause(e);
                        throw still;
                    }
                    seen = now;
                }
            }
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                // The JDK's client has asserts about what a server sends.
                case AssertionError malformed ->
                        throw new IOException("malformed answer", malformed);
                case Error error -> throw error;
                case Throwable other -> throw new IOException("the request failed", other);
            }
        } finally {
            answer.cancel(true);
        }
    }
}
