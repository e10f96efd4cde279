package dev.forebay.run;

import java.io.IOException;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * What carries the programs of a {@link HostExecutor}: the processes of this machine, or a
 * container engine. Safe for use by many threads.
 */
public interface Host extends AutoCloseable {
    /**
     * What this host can do, of what not every one can.
     *
     * @return the same at all times
     */
    Capabilities capabilities();

    /**
     * Why a program cannot listen at a port instead of opening pipes, if {@link
     * Capabilities#sockets} says so.
     *
     * @return what its executor lacks, as a predicate
     */
    String whyNoSockets();

    /**
     * Refuses what this host cannot do, beyond what {@link #capabilities} say.
     *
     * @param order the run
     * @throws RunRefusedException with what to change
     */
    void check(RunOrder order);

    /**
     * As {@link Executor#digest}.
     *
     * @param program with its variables not yet replaced
     * @return the digest, or empty if it is not known
     */
    Optional<String> digest(Program program);

    /**
     * Takes the program of a run; does nothing with it yet.
     *
     * @param order the run
     * @param folder the files of the run, which may be there from another server
     * @param control what the executor says of the run meanwhile
     * @return the program, of which nothing is started
     */
    HostedProgram program(RunOrder order, RunFolder folder, RunControl control);

    /**
     * Ends what there may be of a run that the server does not know. Its folder goes next.
     *
     * @param folder the files of the run
     * @throws IOException if it cannot be told whether anything is left
     * @throws InterruptedException if the thread is interrupted
     */
    void endStray(RunFolder folder) throws IOException, InterruptedException;

    /**
     * Called once, when all runs of the server before are known: ends what there is of others
     * without a folder. Returns at once.
     *
     * @param known whether the server has a run of this number
     */
    void sweep(LongPredicate known);

    /** Called when no run is left that needs this server. */
    @Override
    void close();
}
