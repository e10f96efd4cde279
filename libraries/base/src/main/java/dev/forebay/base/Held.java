package dev.forebay.base;

import java.time.Duration;
import java.util.List;

/**
 * What a {@link Trigger} decides on: facts about the records held back since the last release.
 *
 * <p>Only valid during the call that passes it; not to be kept.
 *
 * @param <T> the type of record
 */
public interface Held<T> {
    /** How many records are held. */
    long count();

    /** Their encoded bytes, or 0 if nobody measures them. */
    long bytes();

    /** Monotonic time since the first held record; zero if nothing is held. */
    Duration ageOfFirst();

    /** Monotonic time since the last held record; zero if nothing is held. */
    Duration ageOfLast();

    /** Monotonic time since the last release, or since the beginning. */
    Duration sinceRelease();

    /** The held records, oldest first, read-only; empty where the holder keeps none. */
    List<T> records();
}
