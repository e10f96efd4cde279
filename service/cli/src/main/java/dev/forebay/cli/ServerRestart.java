package dev.forebay.cli;

import dev.forebay.base.Clock;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.stream.WriteOptions;
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
 * once. For one thread.
 */
final class ServerRestart {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Set<Integer> OF_RESTART = Set.of(429, 502, 503, 504);
    private static final int NO_ANSWER = 0;

    /** A request of the control plane. */
    interface Request<T> {
        T send() throws IOException;
    }

    private final Clock clock;
    private final Duration retryTime;
    private final Consumer<String> warnings;

    /** The server has answered before. */
    private boolean reached;

    /** Of the failures since the last answer; null if there is none. */
    private @Nullable Long deadline;

    private Duration pause = FIRST_PAUSE;

    /**
     * Repeats requests.
     *
     * @param retryTime counted from the first failure since the last answer
     * @param warnings takes the reason of each first failure
     */
    ServerRestart(Clock clock, Duration retryTime, Consumer<String> warnings) {
        this.clock = clock;
        this.retryTime = retryTime;
        this.warnings = warnings;
    }

    /** With the usual time, and the system's clock. */
    static ServerRestart of(Consumer<String> warnings) {
        return new ServerRestart(Clock.system(), WriteOptions.defaults().retryTime(), warnings);
    }

    /** An answer that came piece by piece has ended before its time. */
    static final class BrokenOffException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenOffException(String message, IOException cause) {
            super(message, cause);
        }
    }

    /**
     * The server has answered with something new: what fails from now on is counted anew. A request
     * that had an answer once is also repeated if the server breaks the next one off.
     */
    void answered() {
        reached = true;
        deadline = null;
        pause = FIRST_PAUSE;
    }

    /** What the request returns; blocks while the server restarts. */
    <T> T rideOver(Request<T> request) throws IOException, InterruptedException {
        boolean broken = false;
        while (true) {
            try {
                T result = request.send();
                answered();
                return result;
            } catch (BrokenOffException e) {
                awaitRetry(e);
            } catch (ControlPlaneException e) {
                if (!broken && e.getCause() instanceof SocketException && !isOfRestart(e)) {
                    broken = true;
                    continue;
                }
                if (!isOfRestart(e)) {
                    throw e;
                }
                broken = false;
                awaitRetry(e);
            }
        }
    }

    /** Throws the failure if the time is over. */
    private <E extends Exception> void awaitRetry(E failure) throws E, InterruptedException {
        if (deadline == null) {
            deadline = clock.deadline(retryTime);
            warnings.accept(failure.getMessage() + "; trying again");
        }
        if (deadline - clock.nanos() <= 0) {
            throw failure;
        }
        clock.sleep(pause);
        Duration next = pause.multipliedBy(2);
        pause = next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
    }

    private boolean isOfRestart(ControlPlaneException e) {
        return e.getCause() instanceof ConnectException
                || OF_RESTART.contains(e.status())
                || (reached && e.status() == NO_ANSWER);
    }
}
