package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.control.Buffers;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/** Ends what has expired, each 20 s; a sweep that fails is logged and tried again at the next. */
final class Sweeper implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(20);

    private final Buffers buffers;
    private final Periodic periodic;

    Sweeper(Buffers buffers, Clock clock) {
        this.buffers = buffers;
        this.periodic = new Periodic("sweeper", clock, PERIOD, this::sweep);
    }

    private void sweep() {
        try {
            buffers.sweep();
        } catch (ForebayException e) {
            LoggerFactory.getLogger(Sweeper.class)
                    .warn("a sweep failed; the next is in {}", PERIOD, e);
        }
    }

    @Override
    public void close() {
        periodic.close();
    }
}
