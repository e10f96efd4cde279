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
    /**
     * Whether a server began to start it, this one or another.
     *
     * @return true also if the start did not succeed
     * @throws IOException if it cannot be told
     */
    boolean hasBegun() throws IOException;

    /**
     * Whether the next server can go on with it. Returns at once.
     *
     * @param begun whether this or another server began to start it
     * @return true if it can
     */
    boolean canBeLeft(boolean begun);

    /**
     * Brings what the host needs for it, as far as the run is not to end.
     *
     * @throws IOException if it cannot be had
     * @throws InterruptedException if the thread is interrupted
     */
    void prepare() throws IOException, InterruptedException;

    /**
     * Makes what is to be started, in the place of what another server may have left.
     *
     * @param pipes the path of each pipe, by the name of its parameter
     * @return false if the executor closes
     * @throws IOException if it cannot be made
     * @throws InterruptedException if the thread is interrupted
     */
    boolean make(Map<String, String> pipes) throws IOException, InterruptedException;

    /**
     * From now on {@link #hasBegun} says yes, after a power cut too.
     *
     * @throws IOException if that cannot be stored
     */
    void begin() throws IOException;

    /**
     * Starts it; what it writes goes to the log.
     *
     * @param log takes its lines
     * @return the program, which runs
     * @throws IOException if it cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    StartedProgram start(RunLog log) throws IOException, InterruptedException;

    /**
     * Looks for what another server began to start. False if the executor closes.
     *
     * @return whether the search came to its end
     * @throws IOException if it cannot be told
     * @throws InterruptedException if the thread is interrupted
     */
    boolean find() throws IOException, InterruptedException;

    /**
     * Goes on with what was found. Null if the executor closes.
     *
     * @param log takes its further lines
     * @return the program, running or ended
     * @throws IOException if it can no longer be watched
     * @throws InterruptedException if the thread is interrupted
     */
    @Nullable StartedProgram adopt(RunLog log) throws IOException, InterruptedException;

    /**
     * Ends what there may be of it, which takes {@link #begin} for granted.
     *
     * @throws IOException if something of it may be left
     * @throws InterruptedException if the thread is interrupted
     */
    void end() throws IOException, InterruptedException;

    /**
     * The run is to end, or the executor closes: ends what {@link #prepare} waits for. Called by
     * any thread, often; returns at once.
     */
    void interrupt();

    /**
     * The run has ended and its end is stored: removes what only a program needs.
     *
     * @throws IOException if something cannot be removed
     * @throws InterruptedException if the thread is interrupted
     */
    void discard() throws IOException, InterruptedException;
}
