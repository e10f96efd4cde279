package dev.forebay.run;

import org.jspecify.annotations.Nullable;

/** Reads the lines of a log in order. For use by one thread. */
public interface LogReader extends AutoCloseable {
    /**
     * The next line; null at the end. A following reader blocks until there is one or the end.
     *
     * @return the line, or null
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    @Nullable LogLine next() throws InterruptedException;

    @Override
    void close();
}
