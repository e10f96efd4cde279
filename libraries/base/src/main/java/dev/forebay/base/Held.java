package dev.forebay.base;

import java.time.Duration;

/**
 * What a {@link Trigger} knows of what is held back since the last release, without the records.
 */
public interface Held {
    /** How many records are held. */
    long count();

    /** Their encoded bytes, or 0 if nothing measures them. */
    long bytes();

    /** Monotonic time since the first held record; zero if nothing is held. */
    Duration ageOfFirst();

    /** Monotonic time since the last held record; zero if nothing is held. */
    Duration ageOfLast();

    /** Monotonic time since the last release, or since the beginning. */
    Duration sinceRelease();
}
