package dev.forebay.run.process;

import dev.forebay.base.Clock;
import dev.forebay.run.LogLimits;
import dev.forebay.run.Transfers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the process executor works.
 *
 * @param directory of the runs; it is made if need be, and belongs to one executor at a time
 * @param hidden a directory that bubblewrap hides from programs
 * @param user the system's user that programs run as; must be named by a server that is root, and
 *     must be the server's own user otherwise
 * @param isolation which kind to use; empty for the first that works here
 * @param mostRunning programs at a time; further runs are Pending
 * @param grace from the request to end to the forced end
 */
public record ProcessSettings(
        Path directory,
        Optional<Path> hidden,
        Optional<String> user,
        Optional<Isolation> isolation,
        int mostRunning,
        Duration grace,
        LogLimits log,
        Transfers transfers,
        Clock clock) {

    public ProcessSettings {
        if (mostRunning < 1) {
            throw new IllegalArgumentException(
                    "programs at a time must be at least 1: " + mostRunning);
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: " + grace);
        }
    }

    /** The server's own user, the best isolation, 128 programs at a time, a grace of 10 seconds. */
    public static ProcessSettings in(Path directory) {
        return new ProcessSettings(
                directory,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                128,
                Duration.ofSeconds(10),
                LogLimits.defaults(),
                Transfers.defaults(),
                Clock.system());
    }

    public ProcessSettings withHidden(Path other) {
        return new ProcessSettings(
                directory,
                Optional.of(other),
                user,
                isolation,
                mostRunning,
                grace,
                log,
                transfers,
                clock);
    }

    public ProcessSettings withUser(String other) {
        return new ProcessSettings(
                directory,
                hidden,
                Optional.of(other),
                isolation,
                mostRunning,
                grace,
                log,
                transfers,
                clock);
    }

    public ProcessSettings withIsolation(Isolation other) {
        return new ProcessSettings(
                directory,
                hidden,
                user,
                Optional.of(other),
                mostRunning,
                grace,
                log,
                transfers,
                clock);
    }

    public ProcessSettings withMostRunning(int other) {
        return new ProcessSettings(
                directory, hidden, user, isolation, other, grace, log, transfers, clock);
    }

    public ProcessSettings withGrace(Duration other) {
        return new ProcessSettings(
                directory, hidden, user, isolation, mostRunning, other, log, transfers, clock);
    }

    public ProcessSettings withLog(LogLimits other) {
        return new ProcessSettings(
                directory, hidden, user, isolation, mostRunning, grace, other, transfers, clock);
    }

    public ProcessSettings withTransfers(Transfers other) {
        return new ProcessSettings(
                directory, hidden, user, isolation, mostRunning, grace, log, other, clock);
    }

    public ProcessSettings withClock(Clock other) {
        return new ProcessSettings(
                directory, hidden, user, isolation, mostRunning, grace, log, transfers, other);
    }
}
