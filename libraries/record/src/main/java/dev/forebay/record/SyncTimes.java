package dev.forebay.record;

import java.time.Duration;

/**
 * How long calls waited for a sync of the journal, since the buffer was opened. The durations are
 * upper bounds, powers of two of a nanosecond; zero if there was none.
 *
 * @param count how many waits there were; several may share one sync
 * @param p50 half of them took at most this
 * @param p99 99 in 100 took at most this
 * @param max all of them took at most this
 */
public record SyncTimes(long count, Duration p50, Duration p99, Duration max) {}
