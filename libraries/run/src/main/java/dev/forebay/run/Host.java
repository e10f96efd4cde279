package dev.forebay.run;

import java.io.IOException;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * What carries the programs of a {@link HostExecutor}: the processes of this machine, or a
 * container engine. Safe for use by many threads.
 */
public interface Host extends AutoCloseable {
    Capabilities capabilities();

    /**
     * Refuses what this host cannot do, beyond what {@link #capabilities} say.
     *
     * @throws RunRefusedException with what to change
     */
    void check(RunOrder order);

    /** As {@link Executor#digest}. */
    Optional<String> digest(Program program);

    /**
     * Takes the program of a run; does nothing with it yet.
     *
     * @param folder the files of the run, which may be there from another server
     */
    HostedProgram program(RunOrder order, RunFolder folder, RunControl control);

    /** Ends what there may be of a run that the server does not know. Its folder goes next. */
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
