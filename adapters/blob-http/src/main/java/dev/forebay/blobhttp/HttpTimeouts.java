package dev.forebay.blobhttp;

import java.time.Duration;

/**
 * How long a request may stand still. A body may take as long as it needs, so that many at a time
 * get through a slow line, but a peer that gives or takes a byte now and then holds nobody.
 *
 * <p>Each is positive and at most 365 days.
 *
 * @param connect until a connection stands
 * @param response until the head of an answer is there, beyond the time that was asked to wait; and
 *     for each 256 KiB of a body on its way out
 * @param progress for each 64 KiB of a body on its way in, or what is left of it
 */
public record HttpTimeouts(Duration connect, Duration response, Duration progress) {
    private static final Duration LONGEST = Duration.ofDays(365);

    /** Checks that all are positive. */
    public HttpTimeouts {
        check("connect", connect);
        check("response", response);
        check("progress", progress);
    }

    private static void check(String what, Duration time) {
        if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "the timeout '"
                            + what
                            + "' must be more than 0 and at most "
                            + LONGEST.toDays()
                            + " days: "
                            + time);
        }
    }

    /**
     * 10 s to connect, 60 s for an answer, 30 s for each 64 KiB.
     *
     * @return such limits
     */
    public static HttpTimeouts defaults() {
        return new HttpTimeouts(
                Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30));
    }
}
