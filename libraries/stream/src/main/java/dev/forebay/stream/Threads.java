package dev.forebay.stream;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends the threads of a transfer. */
final class Threads {
    private static final long GRACE_SECONDS = 2;

    private Threads() {}

    /**
     * Lets calls to the container end in peace for two seconds, then interrupts them: an interrupt
     * in the middle of a sync makes a local container refuse all further puts.
     */
    static void endGently(ExecutorService threads) {
        threads.shutdown();
        if (!await(threads)) {
            end(threads);
        }
    }

    /**
     * Interrupts them and waits until they are gone, two seconds at most: a container that does not
     * heed an interrupt must not hold its caller. Keeps the caller's own interrupt.
     */
    static void end(ExecutorService threads) {
        threads.shutdownNow();
        if (!await(threads)) {
            System.getLogger(Threads.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "a call to the container is still running after the transfer");
        }
    }

    private static boolean await(ExecutorService threads) {
        boolean interrupted = Thread.interrupted();
        try {
            return threads.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
