package dev.forebay.run;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A program that runs, or has ended. For the thread that has the run. */
public interface StartedProgram extends AutoCloseable {
    /**
     * When it was started.
     *
     * @return a time of the host's clock
     */
    Instant startedAt();

    /**
     * {@return how it ended by itself; null while it runs} Returns at once. {@link
     * RunControl#changed} is called when this changes.
     *
     * @throws ExecutorException if it can no longer be watched
     */
    @Nullable Outcome end();

    /**
     * Asks it to end. False if it is to be asked again soon.
     *
     * @return whether it was asked
     * @throws IOException if it cannot be asked
     */
    boolean terminate() throws IOException;

    /**
     * Forces its end. False if that is to be tried again soon.
     *
     * @return whether it is forced
     * @throws IOException if it cannot be forced
     * @throws InterruptedException if the thread is interrupted
     */
    boolean kill() throws IOException, InterruptedException;

    /**
     * It has ended, or was killed: ends what is left of its processes, and reads its log to the
     * end.
     *
     * @return why a run that succeeded has failed nevertheless
     * @throws IOException if something of it may be left
     * @throws InterruptedException if the thread is interrupted
     */
    Optional<String> finish() throws IOException, InterruptedException;

    /**
     * As {@link Executor#digest}, of what was executed. It has ended.
     *
     * @return empty if that is not known for sure
     * @throws IOException if it cannot be told
     */
    Optional<String> digest() throws IOException;

    /** Ends the threads of this. A program that can be left runs on. */
    @Override
    void close() throws IOException;
}
