package dev.forebay.run;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A program that runs, or has ended. For the thread that has the run. */
public interface StartedProgram extends AutoCloseable {
    Instant startedAt();

    /**
     * How it ended by itself; null while it runs. Returns at once. {@link RunControl#changed} is
     * called when this changes.
     *
     * @throws ExecutorException if it can no longer be watched
     */
    @Nullable Outcome end();

    /** Asks it to end. False if it is to be asked again soon. */
    boolean terminate() throws IOException;

    /** Forces its end. False if that is to be tried again soon. */
    boolean kill() throws IOException, InterruptedException;

    /**
     * It has ended, or was killed: ends what is left of its processes, and reads its log to the
     * end.
     *
     * @return why a run that succeeded has failed nevertheless
     */
    Optional<String> finish() throws IOException, InterruptedException;

    /**
     * As {@link Executor#digest}, of what was executed. It has ended.
     *
     * @return empty if that is not known for sure
     */
    Optional<String> digest() throws IOException;

    /** Ends the threads of this. A program that can be left runs on. */
    @Override
    void close() throws IOException;
}
