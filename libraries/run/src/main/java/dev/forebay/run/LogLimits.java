package dev.forebay.run;

import dev.forebay.base.ByteSize;

/**
 * The bounds of a run's log.
 *
 * @param longestLine a longer line is divided; as much memory is held for a line that has not ended
 * @param most bytes of the whole log; later lines are dropped and counted
 */
public record LogLimits(ByteSize longestLine, ByteSize most) {
    private static final long LARGEST_LINE = 64L << 20;

    /** Checks the length of a line. */
    public LogLimits {
        if (longestLine.bytes() < 1 || longestLine.bytes() > LARGEST_LINE) {
            throw new IllegalArgumentException(
                    "the longest line of a log must be 1 B to 64 MiB: " + longestLine);
        }
    }

    /**
     * 4 MiB a line, 64 MiB in all.
     *
     * @return such limits
     */
    public static LogLimits defaults() {
        return new LogLimits(ByteSize.ofMiB(4), ByteSize.ofMiB(64));
    }
}
