package dev.forebay.run;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * Where runs execute: processes of this machine, containers, a cluster.
 *
 * <p><b>Guarantee.</b> Every run that was started ends with one {@link Observation.Ended}, after
 * {@link Observation.Started} if its program ran. By then its outputs have their end markers,
 * <em>complete</em> if and only if the run succeeded, and no process of it is left. An input is
 * never changed. The log can be read until {@link #forget}.
 *
 * <p><b>Limit.</b> A server that ends takes the observations with it that were not taken yet; the
 * next one calls {@link #reconcile} with every run that it does not know to have ended.
 *
 * <p>Safe for use by many threads. {@code ExecutorContract} in the test-jar of this module is the
 * test that each executor must pass.
 */
public interface Executor extends AutoCloseable {
    /**
     * What this executor can do, of what not every one can.
     *
     * @return the same at all times
     */
    Capabilities capabilities();

    /**
     * Refuses what this executor cannot do, before anything of the run exists.
     *
     * @param order the run
     * @throws RunRefusedException with what to change
     */
    void check(RunOrder order);

    /**
     * What would be executed now, so that two runs can be told apart whose programs are written the
     * same: the digest of the image, or of the executable. Blocks.
     *
     * @param program with its variables not yet replaced
     * @return empty if that is not known
     */
    Optional<String> digest(Program program);

    /**
     * Takes a run and returns at once. What goes wrong later is observed as the end of the run. An
     * order for a run that this executor has already does nothing.
     *
     * @param order the run
     * @param watcher takes what is observed of it, up to its end
     * @throws RunRefusedException as {@link #check}, or if the executor is closing
     */
    void start(RunOrder order, Watcher watcher);

    /**
     * Called once, before any {@link #start}, with every run that has not ended as far as the
     * caller knows. Each is started, watched on, or observed as ended; whatever else is found of
     * runs that have not ended is ended and removed.
     *
     * @param runs those that have not ended
     * @param watcher takes what is observed of them, up to their ends
     */
    void reconcile(Collection<Unfinished> runs, Watcher watcher);

    /**
     * A run that has not ended as far as the server knows.
     *
     * @param order the run
     * @param canceled the reason, if a cancel was asked for: it is not started then
     */
    record Unfinished(RunOrder order, Optional<String> canceled) {}

    /**
     * Asks for the end of a run and returns at once. A run that has ended or is unknown is left as
     * it is.
     *
     * @param run its number
     * @param reason for the run's state
     */
    void cancel(long run, String reason);

    /**
     * The relay of an ephemeral buffer, whose {@link RelayId} the order of a run names.
     *
     * @param run its number
     * @param buffer the text of a {@link RelayId}
     * @return empty if the run is unknown or has ended
     */
    Optional<Relay> relay(long run, String buffer);

    /**
     * Opens the log of a run.
     *
     * @param run its number
     * @param query which lines
     * @return a reader, for one thread
     * @throws NoSuchRunException if there is none, or from the reader if the run is forgotten
     *     before its first line is read
     */
    LogReader logs(long run, LogQuery query);

    /**
     * {@return every run that has ended and was not forgotten, its end taken or not, in no order}
     */
    Collection<Long> ended();

    /**
     * Removes what is left of a run that has ended, its log included.
     *
     * @param run its number
     */
    void forget(long run);

    /**
     * Starts no more programs and waits until none runs, for {@code patience} at most. A run that
     * waits for its start stays unstarted, for the {@link #reconcile} of the next server.
     *
     * @param patience from now on; zero or less only looks
     * @throws InterruptedException if the thread is interrupted; programs go on
     */
    void drain(Duration patience) throws InterruptedException;

    /** Ends everything that does not outlive the server. Blocks; safe to call again. */
    @Override
    void close();
}
