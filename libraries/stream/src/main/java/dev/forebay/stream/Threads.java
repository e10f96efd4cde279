package dev.forebay.stream;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends the threads of a transfer. */
final class Threads {
    private static final long PATIENCE_SECONDS = 2;

    private Threads() {}

    /**
     * Interrupts them and waits until they are gone, two seconds at most: a container that does not
     * heed an interrupt must not hold its caller. Keeps the caller's own interrupt.
     */
    static void end(ExecutorService threads) {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.getLogger(Threads.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "a call to the container is still running after the transfer");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
