package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.control.Buffers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/**
 * Ends what has expired, every 20 s. A sweep that fails is logged and repeated; until one succeeds
 * {@link #fault} makes the server unhealthy.
 */
final class Sweeper implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(20);

    private final Buffers buffers;
    private final FaultLog faults;
    private final Periodic periodic;

    Sweeper(Buffers buffers, Clock clock, FaultLog faults) {
        this.buffers = buffers;
        this.faults = faults;
        this.periodic = new Periodic("sweeper", clock, PERIOD, this::sweep);
    }

    private void sweep(BooleanSupplier closing) {
        try {
            buffers.sweep(closing);
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
        return periodic.fault().map(e -> "expired buffers are not ended: " + e);
    }

    @Override
    public void close() {
        periodic.close();
    }
}
