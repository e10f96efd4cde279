package dev.forebay.run;

import dev.forebay.base.Clock;
import java.io.IOException;
import java.time.Duration;

/**
 * Ends a program that runs: TERM, and after the grace KILL, until it has ended.
 *
 * <p><b>Guarantee.</b> Returns when the program has ended, or the executor closes and KILL has not
 * helped for {@link #KILL_PATIENCE}. No state but that of the call: needs no lock.
 */
final class Termination {
    /** How soon a signal that was not sent is tried again. */
    private static final Duration AGAIN = Duration.ofMillis(50);

    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final RunStop stop;
    private final Duration grace;
    private final Clock clock;
    private final RunWarnings warnings;

    Termination(RunStop stop, HostSettings settings, RunWarnings warnings) {
        this.stop = stop;
        this.grace = settings.grace();
        this.clock = settings.clock();
        this.warnings = warnings;
    }

    void end(StartedProgram program) throws IOException, InterruptedException {
        if (ends(program, program::terminate, grace)) {
            return;
        }
        while (!ends(program, program::kill, KILL_PATIENCE) && !stop.isClosing()) {
            warnings.warn("its program was killed and has not ended; trying again", null);
        }
    }

    /** One way to bring a program to its end. */
    private interface Signal {
        /** False if it is to be sent again soon. */
        boolean send() throws IOException, InterruptedException;
    }

    /** Sends a signal, as often as it takes; false if the program has not ended in time. */
    private boolean ends(StartedProgram program, Signal signal, Duration patience)
            throws IOException, InterruptedException {
        long deadline = clock.deadline(patience);
        boolean sent = false;
        while (program.end() == null && deadline - clock.nanos() > 0) {
            sent = sent || signal.send();
            long wake = clock.deadline(AGAIN);
            stop.awaitEnd(program, sent || deadline - wake < 0 ? deadline : wake);
        }
        return program.end() != null;
    }
}
