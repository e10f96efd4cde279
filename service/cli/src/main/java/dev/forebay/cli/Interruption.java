package dev.forebay.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGINT and SIGTERM into an interrupt of the working thread, and holds the end of the
 * process until that thread has said what it must, for 10 s at most: a write marks its buffer
 * failed.
 */
final class Interruption {
    private static final long LONGEST_FAREWELL_SECONDS = 10;

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean finished;

    private Interruption() {}

    static Interruption of(Thread worker) {
        Interruption interruption = new Interruption();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> interruption.end(worker), "interruption"));
        return interruption;
    }

    private void end(Thread worker) {
        if (finished) {
            return;
        }
        worker.interrupt();
        try {
            if (!done.await(LONGEST_FAREWELL_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("Error: the transfer did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The work is over, however it went. */
    void done() {
        finished = true;
        done.countDown();
    }
}
