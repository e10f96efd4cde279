package dev.forebay.control;

import dev.forebay.run.LogLine;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of a run at its executor, or in the archive if it goes there before its first line is
 * read. For one thread.
 */
final class ServedLog implements LogReader {
    private final Supplier<Optional<LogReader>> archived;
    private LogReader lines;

    ServedLog(LogReader lines, Supplier<Optional<LogReader>> archived) {
        this.lines = lines;
        this.archived = archived;
    }

    @Override
    public @Nullable LogLine next() throws InterruptedException {
        try {
            return lines.next();
        } catch (NoSuchRunException e) {
            lines.close();
            lines = archived.get().orElseThrow(() -> e);
            return lines.next();
        }
    }

    @Override
    public void close() {
        lines.close();
    }
}
