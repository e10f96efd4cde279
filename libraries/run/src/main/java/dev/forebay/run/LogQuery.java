package dev.forebay.run;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which lines of a log to read.
 *
 * @param since only lines after this time
 * @param tail how many of the lines that are there at the beginning are read: the last ones
 * @param follow whether to wait for more until the run has ended
 */
public record LogQuery(Optional<Instant> since, OptionalLong tail, boolean follow) {
    /** Everything that is there. */
    public static final LogQuery ALL = new LogQuery(Optional.empty(), OptionalLong.empty(), false);

    /** Checks the number of lines. */
    public LogQuery {
        if (tail.orElse(0) < 0) {
            throw new IllegalArgumentException("tail must be 0 or more: " + tail.getAsLong());
        }
    }

    /**
     * The same, and then what is written later, until the run's log ends.
     *
     * @return another query
     */
    public LogQuery following() {
        return new LogQuery(since, tail, true);
    }
}
