package dev.forebay.cli;

import dev.forebay.stream.BufferWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGINT and SIGTERM into an interrupt of the writing thread, and holds the end of the
 * process until the program has said how the write ended.
 *
 * <p><b>Guarantee.</b> The process ends within {@link #LONGEST} of the signal, with 130 after
 * SIGINT and 143 after SIGTERM.
 *
 * <p>The JVM ends with its last shutdown hook, whatever other threads do; so the hook waits.
 */
final class Interruption implements AutoCloseable {
    /** What a write may take to end, and two seconds to say so. */
    static final Duration LONGEST = BufferWriter.LONGEST_END.plusSeconds(2);

    private final Thread hook;

    private Interruption(Thread worker, Shell shell) {
        hook = new Thread(() -> end(worker, shell), "forebay-interruption");
    }

    /**
     * Until it is closed, a signal interrupts the calling thread.
     *
     * @throws InterruptedException if a signal came already
     */
    static Interruption ofThisThread(Shell shell) throws InterruptedException {
        Interruption interruption = new Interruption(Thread.currentThread(), shell);
        try {
            Runtime.getRuntime().addShutdownHook(interruption.hook);
        } catch (IllegalStateException e) {
            InterruptedException told = new InterruptedException("the process is ending");
            told.initCause(e);
            throw told;
        }
        return interruption;
    }

    private static void end(Thread worker, Shell shell) {
        shell.err()
                .println(
                        "interrupted; telling the buffer's readers, at most %d s ..."
                                .formatted(BufferWriter.LONGEST_END.toSeconds()));
        worker.interrupt();
        try {
            if (!shell.awaitEnd(LONGEST.toNanos(), TimeUnit.NANOSECONDS)) {
                shell.err()
                        .println(
                                "Error: the write did not end within %d s of the interrupt; its readers may wait without end, so delete the buffer"
                                        .formatted(LONGEST.toSeconds()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Signals have their usual effect again, unless one came already. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook waits for the end of the program.
            return;
        }
    }
}
