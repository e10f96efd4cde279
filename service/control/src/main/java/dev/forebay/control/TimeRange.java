package dev.forebay.control;

import java.time.Instant;
import java.util.Optional;

/** Times between two others, which do not belong to it. Empty: without that end. */
public record TimeRange(Optional<Instant> after, Optional<Instant> before) {
    public static final TimeRange ALL = new TimeRange(Optional.empty(), Optional.empty());

    boolean isAll() {
        return after.isEmpty() && before.isEmpty();
    }
}
