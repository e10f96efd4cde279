package dev.forebay.cli;

import dev.forebay.wire.Times;
import java.time.Duration;
import java.time.Instant;

/** When something ends that lives for a while from now on. */
final class Expiry {
    /** Times on the wire have years of four digits. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Expiry() {}

    /**
     * The time as it is sent.
     *
     * @throws IllegalArgumentException if it is later than any that can be sent
     */
    static String after(Duration lifetime) {
        Instant end = Instant.now().plus(lifetime);
        if (end.isAfter(LATEST)) {
            throw new IllegalArgumentException(
                    "a lifetime of "
                            + lifetime.toDays()
                            + " days ends after the year 9999; leave --ttl out for one that does not end");
        }
        return Times.format(end);
    }
}
