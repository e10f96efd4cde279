package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.control.Buffers;
import dev.forebay.control.RunService;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/**
 * Ends what has expired, buffers and runs that wait, every 20 s. A sweep that fails is logged and
 * repeated; until one succeeds {@link #fault} makes the server unhealthy.
 */
final class Sweeper implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(20);

    private final Buffers buffers;
    private final RunService runs;
    private final FaultLog faults;
    private final Periodic periodic;

    Sweeper(Buffers buffers, RunService runs, Clock clock, FaultLog faults) {
        this.buffers = buffers;
        this.runs = runs;
        this.faults = faults;
        this.periodic = new Periodic("sweeper", clock, PERIOD, this::sweep);
    }

    private void sweep(BooleanSupplier closing) {
        try {
            buffers.sweep(closing);
            runs.endWaiting(closing);
        } catch (Throwable e) {
            if (faults.begins("sweep")) {
                LoggerFactory.getLogger(Sweeper.class)
                        .warn("a sweep failed; it is repeated every {}", PERIOD, e);
            }
            throw e;
        }
    }

    /** Why nothing that expired is ended, if that is so. */
    Optional<String> fault() {
        return periodic.fault().map(e -> "what has expired is not ended: " + e);
    }

    @Override
    public void close() {
        periodic.close();
    }
}
