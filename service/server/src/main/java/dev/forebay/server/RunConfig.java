package dev.forebay.server;

import dev.forebay.blob.Container;
import dev.forebay.run.Executor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a server executes runs.
 *
 * @param executor opens what executes them; empty: none are executed
 * @param drain how long a server that stops waits for programs that run
 * @param logLifetime how long the log of a run is kept after its end
 */
public record RunConfig(Optional<Opening> executor, Duration drain, Duration logLifetime) {
    private static final Duration LOG_LIFETIME = Duration.ofDays(30);

    /** Opens an executor. */
    @FunctionalInterface
    public interface Opening {
        /**
         * Called once at the start; the server closes what it returns.
         *
         * @param data the directory of the server, from which an executor may take a part, and
         *     which programs are not to see
         * @param buffers opens the container of a buffer by its ID
         */
        Executor open(Path data, Function<String, Container> buffers)
                throws IOException, InterruptedException;
    }

    /** Nothing is executed. */
    public static final RunConfig NONE = new RunConfig(Optional.empty(), Duration.ZERO);

    /** Logs are kept for 30 days. */
    public RunConfig(Optional<Opening> executor, Duration drain) {
        this(executor, drain, LOG_LIFETIME);
    }

    public RunConfig {
        if (drain.isNegative()) {
            throw new IllegalArgumentException("drain must not be negative: " + drain);
        }
        if (logLifetime.isNegative()) {
            throw new IllegalArgumentException(
                    "the lifetime of logs must not be negative: " + logLifetime);
        }
    }

    public RunConfig withLogLifetime(Duration other) {
        return new RunConfig(executor, drain, other);
    }
}
