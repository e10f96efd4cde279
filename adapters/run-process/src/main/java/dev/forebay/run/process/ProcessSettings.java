package dev.forebay.run.process;

import dev.forebay.run.HostSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How the process executor works.
 *
 * @param hidden a directory that bubblewrap hides from programs
 * @param user the system's user that programs run as; must be named by a server that is root, and
 *     must be the server's own user otherwise
 * @param isolation which kind to use; empty for the first that works here
 */
public record ProcessSettings(
        HostSettings host,
        Optional<Path> hidden,
        Optional<String> user,
        Optional<Isolation> isolation) {

    /** The server's own user, the best isolation, and the usual settings of a host. */
    public static ProcessSettings in(Path directory) {
        return new ProcessSettings(
                HostSettings.in(directory), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public ProcessSettings withHost(UnaryOperator<HostSettings> change) {
        return new ProcessSettings(change.apply(host), hidden, user, isolation);
    }

    public ProcessSettings withHidden(Path other) {
        return new ProcessSettings(host, Optional.of(other), user, isolation);
    }

    public ProcessSettings withUser(String other) {
        return new ProcessSettings(host, hidden, Optional.of(other), isolation);
    }

    public ProcessSettings withIsolation(Isolation other) {
        return new ProcessSettings(host, hidden, user, Optional.of(other));
    }
}
