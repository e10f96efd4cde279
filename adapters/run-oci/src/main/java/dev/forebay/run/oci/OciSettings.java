package dev.forebay.run.oci;

import dev.forebay.base.ByteSize;
import dev.forebay.run.HostSettings;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * How the oci executor works.
 *
 * @param socket the engine's Unix socket, with the Docker-compatible interface
 * @param host its directory must be one that the engine sees under the same name
 * @param pull when images are fetched
 * @param user whom programs run as in their container, {@code UID} or {@code UID:GID}
 * @param network the engine's network for containers; {@code none} is none
 * @param memory limit of a program that names none, in bytes
 * @param processes most processes and threads of a container
 */
public record OciSettings(
        Path socket,
        HostSettings host,
        PullPolicy pull,
        String user,
        String network,
        ByteSize memory,
        int processes) {
    /** The user and group that own nothing on most systems. */
    public static final String NOBODY = "65534:65534";

    /** The name of no network. */
    public static final String NO_NETWORK = "none";

    /** Checks the user, the memory and the number of processes. */
    public OciSettings {
        if (!user.matches("\\d+(:\\d+)?")) {
            throw new IllegalArgumentException(
                    "the user of containers is a number, or two with a colon, such as %s: %s"
                            .formatted(NOBODY, user));
        }
        if (memory.bytes() < 1 || processes < 1) {
            throw new IllegalArgumentException(
                    "limits must be at least 1: memory %s, processes %d"
                            .formatted(memory, processes));
        }
    }

    /**
     * The usual settings: images are pulled if they are missing, the user is {@code nobody}, and
     * there is no network. A container has 2 GiB and 512 processes at most.
     *
     * @param socket where the engine listens
     * @param directory of runs, of this server alone
     * @return those settings
     */
    public static OciSettings of(Path socket, Path directory) {
        return new OciSettings(
                socket,
                HostSettings.in(directory),
                PullPolicy.MISSING,
                NOBODY,
                NO_NETWORK,
                ByteSize.ofMiB(2048),
                512);
    }

    /**
     * The same with other settings of the host.
     *
     * @param change makes them of those there are
     * @return other settings
     */
    public OciSettings withHost(UnaryOperator<HostSettings> change) {
        return new OciSettings(socket, change.apply(host), pull, user, network, memory, processes);
    }

    /**
     * The same with another answer to the question when images are pulled.
     *
     * @param other always, if one is missing, or never
     * @return other settings
     */
    public OciSettings withPull(PullPolicy other) {
        return new OciSettings(socket, host, other, user, network, memory, processes);
    }

    /**
     * The same with another user for programs.
     *
     * @param other a number, or two with a colon: user and group
     * @return other settings
     */
    public OciSettings withUser(String other) {
        return new OciSettings(socket, host, pull, other, network, memory, processes);
    }

    /**
     * The same with another network for programs.
     *
     * @param other a name that the engine knows
     * @return other settings
     */
    public OciSettings withNetwork(String other) {
        return new OciSettings(socket, host, pull, user, other, memory, processes);
    }
}
