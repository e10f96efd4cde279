package dev.forebay.run;

import java.time.Duration;

/** What a {@link HostedProgram} asks of its run, and tells it. Safe for use by many threads. */
public interface RunControl {
    /**
     * Whether the executor closes.
     *
     * @return true from then on
     */
    boolean isClosing();

    /**
     * Whether the run is to end, or the executor closes.
     *
     * @return true from then on
     */
    boolean isEnding();

    /**
     * Blocks for this long.
     *
     * @param pause how long
     * @param stoppable whether the end of the run ends the pause as well
     * @return false if the executor closes, or the run is to end and the pause is stoppable
     * @throws InterruptedException if the thread is interrupted
     */
    boolean pause(Duration pause, boolean stoppable) throws InterruptedException;

    /** {@link StartedProgram#end} may have changed. */
    void changed();

    /**
     * Ends the run for this reason, unless another came first. Returns at once.
     *
     * @param why the outcome that the run gets
     */
    void fail(Outcome why);
}
