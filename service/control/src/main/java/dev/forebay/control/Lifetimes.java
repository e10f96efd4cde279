package dev.forebay.control;

import java.time.Duration;
import java.util.Optional;

/**
 * How long buffers live unless they are told otherwise.
 *
 * @param active since they were created or restored; empty: for ever
 * @param softDeleted since they were deleted, until they are purged
 */
public record Lifetimes(Optional<Duration> active, Duration softDeleted) {
    /** Active ones for ever, deleted ones for a day. */
    public static final Lifetimes DEFAULT = new Lifetimes(Optional.empty(), Duration.ofDays(1));
}
