package dev.forebay.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes SIGINT, SIGTERM and SIGHUP on to the command whose output is written, which then decides:
 * if it ends with 0 the buffer is complete.
 *
 * <p><b>Guarantee.</b> A second signal, or a command that has not ended {@link #PATIENCE} after the
 * first, interrupts the write.
 *
 * <p>In the foreground of a terminal SIGINT is not passed on, since the terminal has sent it to the
 * command already. A signal that is ignored, as after {@code nohup}, stays ignored.
 */
final class ForwardedSignals implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What shells add to the number of a signal for an exit code. */
    private static final int OF_SIGNAL = 128;

    private static final int INTERRUPT = 2;

    private final CommandInput command;
    private final Thread writer;
    private final Shell shell;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger first = new AtomicInteger();

    private ForwardedSignals(CommandInput command, Thread writer, Shell shell) {
        this.command = command;
        this.writer = writer;
        this.shell = shell;
    }

    /** Until the end of the program, signals go to the command; the calling thread writes. */
    static ForwardedSignals to(CommandInput command, Shell shell) {
        ForwardedSignals signals = new ForwardedSignals(command, Thread.currentThread(), shell);
        EndSignals.handle(signals::pass, "INT", "TERM", "HUP");
        return signals;
    }

    private void pass(int signal) {
        if (over.getCount() == 0) {
            return;
        }
        if (!first.compareAndSet(0, signal)) {
            shell.err().println("interrupted again; ending the command and the write ...");
            writer.interrupt();
            return;
        }
        shell.err()
                .println(
                        "interrupted; waiting for the command to end, at most %d s ..."
                                .formatted(PATIENCE.toSeconds()));
        if (signal != INTERRUPT || !UnixCalls.isForeground()) {
            command.signal(signal);
        }
        try {
            if (!over.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                writer.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The exit code of a write that failed with {@code code}: that of the signal if one came. */
    int exitCode(int code) {
        return first.get() == 0 ? code : OF_SIGNAL + first.get();
    }

    /** From now on signals have no effect; the program ends. */
    @Override
    public void close() {
        over.countDown();
    }
}
