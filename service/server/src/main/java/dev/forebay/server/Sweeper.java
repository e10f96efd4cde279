package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.control.Buffers;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Ends what has expired, each 20 s, on a thread of its own; a sweep that fails is logged and tried
 * again at the next.
 */
final class Sweeper implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(20);

    private final Thread thread;

    Sweeper(Buffers buffers, Clock clock) {
        thread = Thread.ofVirtual().name("sweeper").start(() -> sweep(buffers, clock));
    }

    private static void sweep(Buffers buffers, Clock clock) {
        try {
            while (true) {
                clock.sleep(PERIOD);
                try {
                    buffers.sweep();
                } catch (ForebayException e) {
                    LoggerFactory.getLogger(Sweeper.class)
                            .warn("a sweep failed; the next is in {}", PERIOD, e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The server was closed, and this thread ends.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
