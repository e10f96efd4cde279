package dev.forebay.control;

import dev.forebay.base.Clock;
import dev.forebay.control.ControlException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * When things of the catalogue end.
 *
 * <p><b>Guarantee.</b> Every time from here is a whole microsecond in a year of four digits, which
 * every client and database can hold. Safe for use by many threads.
 */
record Expiry(Clock clock, Lifetimes lifetimes) {
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    Instant now() {
        return clock.wall().truncatedTo(ChronoUnit.MICROS);
    }

    /** The end of a thing that is created now; empty: never. */
    Optional<Instant> ofNew(Instant now, Optional<Instant> wanted) {
        return wanted.or(() -> lifetimes.active().map(now::plus)).map(Expiry::storable);
    }

    /** The end of a thing that is restored now; empty: never. */
    Optional<Instant> ofRestored() {
        return lifetimes.active().map(now()::plus);
    }

    /**
     * When a thing that is deleted now is purged.
     *
     * @param ttl empty: after the lifetime of deleted things
     */
    Instant ofDeleted(Optional<Duration> ttl) {
        return storable(now().plus(ttl.orElse(lifetimes.softDeleted())));
    }

    boolean hasPassed(Optional<Instant> end) {
        return end.map(now()::isAfter).orElse(false);
    }

    static Instant storable(Instant time) {
        Instant whole = time.truncatedTo(ChronoUnit.MICROS);
        if (whole.isBefore(EARLIEST) || whole.isAfter(LATEST)) {
            throw new ControlException(
                    Kind.INVALID,
                    "expected an expiry between %s and %s, found %s"
                            .formatted(EARLIEST, LATEST, time));
        }
        return whole;
    }
}
