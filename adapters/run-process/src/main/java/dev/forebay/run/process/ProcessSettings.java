package dev.forebay.run.process;

import dev.forebay.run.HostSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How the process executor works.
 *
 * @param host what holds for every executor of a machine
 * @param hidden a directory that bubblewrap hides from programs
 * @param user the system's user that programs run as; must be named by a server that is root, and
 *     must be the server's own user otherwise
 * @param isolation which kind to use; empty for the first that works here
 * @param controlGroup a control group (version 2) that the server may divide among its runs; empty
 *     for no such groups
 */
public record ProcessSettings(
        HostSettings host,
        Optional<Path> hidden,
        Optional<String> user,
        Optional<Isolation> isolation,
        Optional<Path> controlGroup) {

    /**
     * The server's own user, the best isolation, and the usual settings of a host.
     *
     * @param directory of runs, of this server alone
     * @return those settings
     */
    public static ProcessSettings in(Path directory) {
        return new ProcessSettings(
                HostSettings.in(directory),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * The same with other settings of the host.
     *
     * @param change makes them of those there are
     * @return other settings
     */
    public ProcessSettings withHost(UnaryOperator<HostSettings> change) {
        return new ProcessSettings(change.apply(host), hidden, user, isolation, controlGroup);
    }

    /**
     * The same with another directory that programs do not see.
     *
     * @param other is hidden where bubblewrap is there
     * @return other settings
     */
    public ProcessSettings withHidden(Path other) {
        return new ProcessSettings(host, Optional.of(other), user, isolation, controlGroup);
    }

    /**
     * The same with another user for programs.
     *
     * @param other a name that the system knows
     * @return other settings
     */
    public ProcessSettings withUser(String other) {
        return new ProcessSettings(host, hidden, Optional.of(other), isolation, controlGroup);
    }

    /**
     * The same with a level of isolation that must be had.
     *
     * @param other no less is taken
     * @return other settings
     */
    public ProcessSettings withIsolation(Isolation other) {
        return new ProcessSettings(host, hidden, user, Optional.of(other), controlGroup);
    }

    /**
     * The same with a control group for each run.
     *
     * @param other the server may divide it, as one that systemd gave away with {@code Delegate}
     * @return other settings
     */
    public ProcessSettings withControlGroup(Path other) {
        return new ProcessSettings(host, hidden, user, isolation, Optional.of(other));
    }
}
