package dev.forebay.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGINT and SIGTERM into an interrupt of the working thread, and holds the end of the
 * process until that thread has said what it must, for 10 s at most: a write marks its buffer
 * failed. The process then ends with 130 after SIGINT and 143 after SIGTERM.
 */
final class Interruption implements AutoCloseable {
    private static final long LONGEST_FAREWELL_SECONDS = 10;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    private Interruption(Thread worker, PrintWriter err, String farewell) {
        hook = new Thread(() -> end(worker, err, farewell), "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Until it is closed, the calling thread is the one to interrupt. */
    static Interruption ofThisThread(PrintWriter err, String farewell) {
        return new Interruption(Thread.currentThread(), err, farewell);
    }

    private void end(Thread worker, PrintWriter err, String farewell) {
        err.println("Warning: interrupted; " + farewell);
        worker.interrupt();
        try {
            if (!done.await(LONGEST_FAREWELL_SECONDS, TimeUnit.SECONDS)) {
                err.println(
                        "Error: the transfer did not end within "
                                + LONGEST_FAREWELL_SECONDS
                                + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The work is over, however it went. */
    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs, and was just released.
            return;
        }
    }
}
