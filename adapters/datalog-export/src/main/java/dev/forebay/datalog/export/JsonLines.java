package dev.forebay.datalog.export;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes each message and each tick as a JSON object on a line of its own. */
final class JsonLines implements ItemSink {
    private final Buffered target;
    private final JsonText json = new JsonText();

    /** Writes to {@code target}, which stays open. */
    JsonLines(WritableByteChannel target) {
        this.target = new Buffered(target);
    }

    @Override
    public void message(LogMessage message, Optional<Map<String, @Nullable Object>> decoded)
            throws IOException {
        json.clear().begin().put("kind", message.kind());
        ItemJson.time(json, message.nanos());
        json.put("channel", message.channel()).put("type", message.type());
        ItemJson.payload(json, message, decoded);
        line();
    }

    @Override
    public void ticks(Signal signal, TickBlock ticks) throws IOException {
        for (int i = 0; i < ticks.count(); i++) {
            json.clear().begin().put("kind", "signal");
            ItemJson.time(json, ticks.nanos(i));
            json.put("channel", signal.name())
                    .put("source", signal.source())
                    .put("schema", signal.schema())
                    .raw("sequence", Long.toString(ticks.sequence(i)))
                    .name("values")
                    .begin();
            ItemJson.values(json, signal, ticks, i);
            json.end();
            line();
        }
    }

    private void line() throws IOException {
        json.end();
        target.write(json.bytes());
        target.write(new byte[] {'\n'});
    }

    @Override
    public void end() throws IOException {
        target.flush();
    }

    @Override
    public void close() {
        // What was not flushed belongs to a file that failed; the channel is the caller's.
    }
}
