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
 */
public record RunConfig(Optional<Opening> executor, Duration drain) {
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

    public RunConfig {
        if (drain.isNegative()) {
            throw new IllegalArgumentException("drain must not be negative: " + drain);
        }
    }
}
