package dev.forebay.blobhttp;

import java.time.Duration;

/**
 * How long a request may stand still. A body may take as long as it needs, so that many at a time
 * get through a slow line, but a peer that gives or takes a byte now and then holds nobody.
 *
 * @param connect until a connection stands
 * @param response until the head of an answer is there, beyond the time that was asked to wait; and
 *     for each 256 KiB of a body on its way out
 * @param progress for each 64 KiB of a body on its way in, or what is left of it
 */
public record HttpTimeouts(Duration connect, Duration response, Duration progress) {
    public HttpTimeouts {
        if (!connect.isPositive() || !response.isPositive() || !progress.isPositive()) {
            throw new IllegalArgumentException(
                    "timeouts must be positive: " + connect + ", " + response + ", " + progress);
        }
    }

    /** 10 s to connect, 60 s for an answer, 30 s for each 64 KiB. */
    public static HttpTimeouts defaults() {
        return new HttpTimeouts(
                Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30));
    }
}
