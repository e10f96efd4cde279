package dev.forebay.run;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program of one run at its {@link Host}, called in this order:
 *
 * <pre>
 *  hasBegun --no---> prepare --> make --> begin --> start ----+--> discard
 *           --yes--> find --> adopt, or end ------------------+
 * </pre>
 *
 * <p>All by the thread that has the run, {@link #interrupt} and {@link #canBeLeft} aside. A method
 * may block, for as long as its host does not answer at most; it then ends with the run, or with
 * the executor. A {@link RunRefusedException} is the reason of the run's end.
 */
public interface HostedProgram {
    /** Whether a server began to start it, this one or another. */
    boolean hasBegun() throws IOException;

    /**
     * Whether the next server can go on with it. Returns at once.
     *
     * @param begun whether this or another server began to start it
     */
    boolean canBeLeft(boolean begun);

    /** Brings what the host needs for it, as far as the run is not to end. */
    void prepare() throws IOException, InterruptedException;

    /**
     * Makes what is to be started, in the place of what another server may have left.
     *
     * @param pipes the path of each pipe, by the name of its parameter
     * @return false if the executor closes
     */
    boolean make(Map<String, String> pipes) throws IOException, InterruptedException;

    /** From now on {@link #hasBegun} says yes, after a power cut too. */
    void begin() throws IOException;

    /** Starts it; what it writes goes to the log. */
    StartedProgram start(RunLog log) throws IOException, InterruptedException;

    /** Looks for what another server began to start. False if the executor closes. */
    boolean find() throws IOException, InterruptedException;

    /** Goes on with what was found. Null if the executor closes. */
    @Nullable StartedProgram adopt(RunLog log) throws IOException, InterruptedException;

    /** Ends what there may be of it, which takes {@link #begin} for granted. */
    void end() throws IOException, InterruptedException;

    /**
     * The run is to end, or the executor closes: ends what {@link #prepare} waits for. Called by
     * any thread, often; returns at once.
     */
    void interrupt();

    /** The run has ended and its end is stored: removes what only a program needs. */
    void discard() throws IOException, InterruptedException;
}
