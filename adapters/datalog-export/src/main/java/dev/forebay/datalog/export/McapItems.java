package dev.forebay.datalog.export;

import dev.forebay.bddf.Pod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Messages and ticks as messages of an MCAP file. Ticks, text, comments and events are JSON with a
 * JSON schema; blobs stay as they are, under a schema that is only the name of their type. A signal
 * is a channel whose topic is the name of its schema, with the source in the channel's metadata; a
 * schema that changes is another channel. For use by one thread.
 *
 * <p><b>Limit.</b> MCAP knows no time before 1970: such entries get the time 0. Text, comments and
 * events have their own time in the member {@code time_ns} too.
 */
final class McapItems implements ItemSink {
    private static final String JSON = "json";
    private static final String JSON_SCHEMA = "jsonschema";

    private final McapWriter file;
    private final JsonText json = new JsonText();
    private final Map<Integer, Integer> signals = new HashMap<>();
    private final Map<Named, Integer> messages = new HashMap<>();
    private final Map<Named, Integer> schemas = new HashMap<>();

    /** The series of messages, or the name of a schema, decoded or not. */
    private record Named(String name, boolean decoded) {}

    McapItems(WritableByteChannel target) throws IOException {
        file = new McapWriter(target);
    }

    @Override
    public void message(LogMessage message, Optional<Map<String, @Nullable Object>> decoded)
            throws IOException {
        Named key = new Named(Integer.toString(message.series()), decoded.isPresent());
        int channel = messages.computeIfAbsent(key, _ -> channel(message, decoded.isPresent()));
        ByteBuffer payload = message.payload();
        if (decoded.isPresent()) {
            json.clear().begin();
            ItemJson.time(json, message.nanos());
            decoded.get().forEach(json::put);
            payload = ByteBuffer.wrap(json.end().bytes());
        }
        file.message(channel, 0, Math.max(0, message.nanos()), payload);
    }

    private int channel(LogMessage message, boolean decoded) {
        int schema =
                schemas.computeIfAbsent(
                        new Named(message.type(), decoded),
                        _ ->
                                decoded
                                        ? file.schema(
                                                message.type(), JSON_SCHEMA, schema(message.type()))
                                        : file.schema(message.type(), "", ""));
        return file.channel(
                schema, message.channel(), decoded ? JSON : message.contentType(), Map.of());
    }

    /** The schema of a message whose fields are known. */
    private static String schema(String type) {
        JsonText schema = beginSchema(type);
        member(schema, "time_ns", "integer");
        member(schema, "time", "string");
        return schema.end().end().toString();
    }

    private static JsonText beginSchema(String title) {
        return new JsonText()
                .begin()
                .put("title", title)
                .put("type", "object")
                .name("properties")
                .begin();
    }

    private static void member(JsonText schema, String name, String type) {
        schema.name(name).begin().put("type", type).end();
    }

    @Override
    public void ticks(Signal signal, TickBlock ticks) throws IOException {
        int channel = signals.computeIfAbsent(signal.number(), _ -> channel(signal));
        for (int i = 0; i < ticks.count(); i++) {
            json.clear().begin();
            ItemJson.values(json, signal, ticks, i);
            file.message(
                    channel,
                    (int) ticks.sequence(i),
                    Math.max(0, ticks.nanos(i)),
                    ByteBuffer.wrap(json.end().bytes()));
        }
    }

    private int channel(Signal signal) {
        JsonText schema = beginSchema(signal.name());
        for (Signal.Variable variable : signal.variables()) {
            boolean real = variable.pod() == Pod.FLOAT32 || variable.pod() == Pod.FLOAT64;
            member(schema, variable.name(), real ? "number" : "integer");
        }
        int number = file.schema(signal.name(), JSON_SCHEMA, schema.end().end().toString());
        return file.channel(
                number,
                signal.name(),
                JSON,
                Map.of("source", signal.source(), "schema", signal.schema()));
    }

    @Override
    public void end() throws IOException {
        file.finish();
    }

    @Override
    public void close() {
        // Without its end the file is cut; the channel is the caller's.
    }
}
