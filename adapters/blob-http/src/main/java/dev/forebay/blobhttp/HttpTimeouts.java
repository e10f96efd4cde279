package dev.forebay.blobhttp;

import java.time.Duration;

/**
 * How long a request may take.
 *
 * @param connect until a connection stands
 * @param response until the head of an answer is there, beyond the time that was asked to wait and
 *     the time a body needs at {@link #SLOWEST} bytes a second
 * @param progress between two pieces of a body
 */
public record HttpTimeouts(Duration connect, Duration response, Duration progress) {
    /** A slower upload is given up. */
    static final long SLOWEST = 64 * 1024;

    public HttpTimeouts {
        if (!connect.isPositive() || !response.isPositive() || !progress.isPositive()) {
            throw new IllegalArgumentException(
                    "timeouts must be positive: " + connect + ", " + response + ", " + progress);
        }
    }

    /** 10 s to connect, 60 s for an answer, 30 s between pieces. */
    public static HttpTimeouts defaults() {
        return new HttpTimeouts(
                Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30));
    }

    Duration forPut(long bytes) {
        return response.plusSeconds(bytes / SLOWEST);
    }
}
