package dev.forebay.datalog.export;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes what a file holds, in its order. For use by one thread. */
interface ItemSink extends Closeable {
    /**
     * A message.
     *
     * @param decoded its fields by their names, if its type is known
     */
    void message(LogMessage message, Optional<Map<String, @Nullable Object>> decoded)
            throws IOException;

    /** Ticks of a signal, one or more. */
    void ticks(Signal signal, TickBlock ticks) throws IOException;

    /** Called once, when the file was read to its end and its checksum was right. */
    void end() throws IOException;
}
