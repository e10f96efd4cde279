package dev.forebay.cli;

import dev.forebay.base.Clock;
import dev.forebay.client.ControlPlaneException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Repeats the first request of a transfer while its server restarts, as the transfer itself repeats
 * what fails later.
 *
 * <p>Only what a restart causes is repeated: a refused connection, and the statuses by which a
 * proxy says that the server is not there. A connection that breaks is tried once more: a server
 * that was killed then refuses, and one of another kind breaks it again. Anything else fails at
 * once.
 */
final class ServerRestart {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Set<Integer> OF_RESTART = Set.of(429, 502, 503, 504);

    /** A request of the control plane. */
    interface Request<T> {
        T send() throws IOException;
    }

    private final Clock clock;
    private final Duration retryTime;
    private final Consumer<String> warnings;

    /**
     * Repeats requests.
     *
     * @param retryTime counted from the first failure
     * @param warnings takes the reason of the first failure
     */
    ServerRestart(Clock clock, Duration retryTime, Consumer<String> warnings) {
        this.clock = clock;
        this.retryTime = retryTime;
        this.warnings = warnings;
    }

    /** What the request returns; blocks while the server restarts. */
    <T> T rideOver(Request<T> request) throws IOException, InterruptedException {
        @Nullable Long deadline = null;
        boolean broken = false;
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return request.send();
            } catch (ControlPlaneException e) {
                if (!broken && e.getCause() instanceof SocketException && !isOfRestart(e)) {
                    broken = true;
                    continue;
                }
                if (!isOfRestart(e)) {
                    throw e;
                }
                broken = false;
                if (deadline == null) {
                    deadline = clock.deadline(retryTime);
                    warnings.accept(e.getMessage() + "; trying again");
                }
                if (deadline - clock.nanos() <= 0) {
                    throw e;
                }
            }
            clock.sleep(pause);
            pause =
                    pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                            ? pause.multipliedBy(2)
                            : LONGEST_PAUSE;
        }
    }

    private static boolean isOfRestart(ControlPlaneException e) {
        return e.getCause() instanceof ConnectException || OF_RESTART.contains(e.status());
    }
}
