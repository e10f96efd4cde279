package dev.forebay.run.oci;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.run.LogLimits;
import dev.forebay.run.Transfers;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How the oci executor works.
 *
 * @param socket the engine's Unix socket, with the Docker-compatible interface
 * @param directory of the runs; it is made if need be, and belongs to one executor at a time; the
 *     engine must see it under the same name
 * @param pull when images are fetched
 * @param user whom programs run as in their container, {@code UID} or {@code UID:GID}
 * @param network the engine's network for containers; {@code none} is none
 * @param memory limit of a program that names none, in bytes
 * @param processes most processes and threads of a container
 * @param mostRunning containers at a time; further runs are Pending
 * @param grace from the request to end to the forced end
 */
public record OciSettings(
        Path socket,
        Path directory,
        PullPolicy pull,
        String user,
        String network,
        ByteSize memory,
        int processes,
        int mostRunning,
        Duration grace,
        LogLimits log,
        Transfers transfers,
        Clock clock) {
    /** The user and group that own nothing on most systems. */
    public static final String NOBODY = "65534:65534";

    /** The name of no network. */
    public static final String NO_NETWORK = "none";

    public OciSettings {
        if (!user.matches("\\d+(:\\d+)?")) {
            throw new IllegalArgumentException(
                    "the user of containers is a number, or two with a colon, such as %s: %s"
                            .formatted(NOBODY, user));
        }
        if (memory.bytes() < 1 || processes < 1 || mostRunning < 1) {
            throw new IllegalArgumentException(
                    "limits must be at least 1: memory %s, processes %d, containers %d"
                            .formatted(memory, processes, mostRunning));
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: " + grace);
        }
    }

    /**
     * The usual settings: images are pulled if they are missing, the user is nobody, and there is
     * no network. A container has 2 GiB and 512 processes at most. At most 128 containers run at a
     * time. The grace is 10 seconds.
     */
    public static OciSettings of(Path socket, Path directory) {
        return new OciSettings(
                socket,
                directory,
                PullPolicy.MISSING,
                NOBODY,
                NO_NETWORK,
                ByteSize.ofMiB(2048),
                512,
                128,
                Duration.ofSeconds(10),
                LogLimits.defaults(),
                Transfers.defaults(),
                Clock.system());
    }

    public OciSettings withPull(PullPolicy other) {
        return new OciSettings(
                socket,
                directory,
                other,
                user,
                network,
                memory,
                processes,
                mostRunning,
                grace,
                log,
                transfers,
                clock);
    }

    public OciSettings withUser(String other) {
        return new OciSettings(
                socket,
                directory,
                pull,
                other,
                network,
                memory,
                processes,
                mostRunning,
                grace,
                log,
                transfers,
                clock);
    }

    public OciSettings withNetwork(String other) {
        return new OciSettings(
                socket,
                directory,
                pull,
                user,
                other,
                memory,
                processes,
                mostRunning,
                grace,
                log,
                transfers,
                clock);
    }

    public OciSettings withMostRunning(int other) {
        return new OciSettings(
                socket, directory, pull, user, network, memory, processes, other, grace, log,
                transfers, clock);
    }

    public OciSettings withGrace(Duration other) {
        return new OciSettings(
                socket,
                directory,
                pull,
                user,
                network,
                memory,
                processes,
                mostRunning,
                other,
                log,
                transfers,
                clock);
    }

    public OciSettings withLog(LogLimits other) {
        return new OciSettings(
                socket,
                directory,
                pull,
                user,
                network,
                memory,
                processes,
                mostRunning,
                grace,
                other,
                transfers,
                clock);
    }
}
