package dev.forebay.run;

import java.time.Duration;

/** What a {@link HostedProgram} asks of its run, and tells it. Safe for use by many threads. */
public interface RunControl {
    /** Whether the executor closes. */
    boolean isClosing();

    /** Whether the run is to end, or the executor closes. */
    boolean isEnding();

    /**
     * Blocks for this long.
     *
     * @param stoppable whether the end of the run ends the pause as well
     * @return false if the executor closes, or the run is to end and the pause is stoppable
     */
    boolean pause(Duration pause, boolean stoppable) throws InterruptedException;

    /** {@link StartedProgram#end} may have changed. */
    void changed();

    /** Ends the run for this reason, unless another came first. Returns at once. */
    void fail(Outcome why);
}
