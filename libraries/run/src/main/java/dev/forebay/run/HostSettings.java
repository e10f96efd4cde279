package dev.forebay.run;

import dev.forebay.base.Clock;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a {@link HostExecutor} works.
 *
 * @param directory of the runs; it is made if need be, and belongs to one executor at a time
 * @param mostRunning programs at a time; further runs are Pending
 * @param grace from the request to end to the forced end
 * @param log how long lines and logs may be
 * @param transfers how pipes read and write buffers
 * @param clock measures time-outs and gives log lines their times
 */
public record HostSettings(
        Path directory,
        int mostRunning,
        Duration grace,
        LogLimits log,
        Transfers transfers,
        Clock clock) {

    /** Checks the numbers against their ranges. */
    public HostSettings {
        if (mostRunning < 1) {
            throw new IllegalArgumentException(
                    "programs at a time must be at least 1: " + mostRunning);
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: " + grace);
        }
    }

    /**
     * 128 programs at a time, a grace of 10 seconds.
     *
     * @param directory of the runs
     * @return those settings
     */
    public static HostSettings in(Path directory) {
        return new HostSettings(
                directory,
                128,
                Duration.ofSeconds(10),
                LogLimits.defaults(),
                Transfers.defaults(),
                Clock.system());
    }

    /**
     * The same with another number of programs at a time.
     *
     * @param other 1 or more
     * @return other settings
     */
    public HostSettings withMostRunning(int other) {
        return new HostSettings(directory, other, grace, log, transfers, clock);
    }

    /**
     * The same with another time between asking a program to end and forcing it.
     *
     * @param other zero or more
     * @return other settings
     */
    public HostSettings withGrace(Duration other) {
        return new HostSettings(directory, mostRunning, other, log, transfers, clock);
    }

    /**
     * The same with other limits of logs.
     *
     * @param other how long lines and logs may be
     * @return other settings
     */
    public HostSettings withLog(LogLimits other) {
        return new HostSettings(directory, mostRunning, grace, other, transfers, clock);
    }
}
