package dev.forebay.base;

import java.time.Duration;

/**
 * What a {@link Trigger} knows of what is held back since the last release, without the records.
 */
public interface Held {
    /**
     * How many records are held.
     *
     * @return a number, 0 or more
     */
    long count();

    /**
     * Their encoded bytes, or 0 if nothing measures them.
     *
     * @return bytes, 0 or more
     */
    long bytes();

    /** {@return monotonic time since the first held record; zero if nothing is held} */
    Duration ageOfFirst();

    /** {@return monotonic time since the last held record; zero if nothing is held} */
    Duration ageOfLast();

    /** {@return monotonic time since the last release, or since the beginning} */
    Duration sinceRelease();
}
