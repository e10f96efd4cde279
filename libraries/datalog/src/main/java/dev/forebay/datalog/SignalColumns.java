package dev.forebay.datalog;

import dev.forebay.bddf.BddfWriter;
import dev.forebay.bddf.Pod;
import dev.forebay.bddf.SeriesIdentifier;
import dev.forebay.bddf.SeriesType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ticks of one schema and source in a download: a series of plain numbers for each variable,
 * one for the times and one for the sequence numbers of the ticks, and a struct that leads from
 * names to them. For use by one thread.
 */
final class SignalColumns {
    private static final String TIMES = "forebay:time";
    private static final String SEQUENCES = "forebay:sequence";
    private static final int TIME_AND_SEQUENCE = 2;

    private final SignalSchema schema;
    private final List<Integer> numbers = new ArrayList<>();

    /** Adds the series to the file. */
    SignalColumns(BddfWriter writer, SeriesKey key, SignalSchema schema) throws IOException {
        this.schema = schema;
        Map<String, Long> members = new HashMap<>();
        add(writer, key, TIMES, Pod.INT64, members);
        add(writer, key, SEQUENCES, Pod.INT64, members);
        for (SignalSchema.Variable variable : schema.variables()) {
            add(writer, key, variable.name(), variable.type(), members);
        }
        writer.addSeries(
                new SeriesIdentifier(
                        "bosdyn:logtick", Map.of("schema", schema.name(), "client", client(key))),
                new SeriesType.Struct(members));
    }

    /** Who sent the ticks, and which of several schemas of one name they are of. */
    private static String client(SeriesKey key) {
        return key.source().isEmpty() ? key.type() : key.source() + " " + key.type();
    }

    private void add(
            BddfWriter writer, SeriesKey key, String name, Pod type, Map<String, Long> members)
            throws IOException {
        SeriesIdentifier identifier =
                new SeriesIdentifier(
                        "bosdyn:logtick",
                        Map.of("varname", name, "schema", schema.name(), "client", client(key)));
        numbers.add(writer.addSeries(identifier, new SeriesType.Numbers(type, List.of())));
        members.put(name, identifier.hash());
    }

    /** Writes the ticks of one block. */
    void write(BddfWriter writer, long nanos, ByteBuffer payload) throws IOException {
        ByteBuffer rows = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int ticks = (int) TickRows.count(schema, rows.limit());
        ByteBuffer times = ByteBuffer.allocate(8 * ticks).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer sequences = ByteBuffer.allocate(8 * ticks).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ticks; i++) {
            times.putLong(TickRows.nanos(rows, schema, i));
            sequences.putLong(TickRows.sequence(rows, schema, i));
        }
        writer.write(numbers.get(0), nanos, times.flip());
        writer.write(numbers.get(1), nanos, sequences.flip());
        int offset = 0;
        for (int i = 0; i < schema.variables().size(); i++) {
            int bytes = schema.variables().get(i).type().bytes();
            writer.write(
                    numbers.get(TIME_AND_SEQUENCE + i),
                    nanos,
                    TickRows.column(rows, schema, offset, bytes));
            offset += bytes;
        }
    }
}
