package dev.forebay.cli;

import java.time.Duration;
import java.time.Instant;

/** When a buffer ends that lives for a while from now on. */
final class Expiry {
    /** Times on the wire have years of four digits. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Expiry() {}

    /**
     * That time.
     *
     * @throws IllegalArgumentException if it is later than any that can be sent
     */
    static Instant after(Duration lifetime) {
        if (!mayBegin(lifetime)) {
            throw new IllegalArgumentException(
                    "a lifetime of "
                            + lifetime.toDays()
                            + " days ends after the year 9999; leave --ttl out for one that does not end");
        }
        return Instant.now().plus(lifetime);
    }

    /** Whether it ends at a time that can be sent, if it begins now. */
    static boolean mayBegin(Duration lifetime) {
        return !Instant.now().plus(lifetime).isAfter(LATEST);
    }
}
