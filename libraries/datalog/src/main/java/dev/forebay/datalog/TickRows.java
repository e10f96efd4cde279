package dev.forebay.datalog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The payload of a block of ticks, little-endian:
 *
 * <pre>
 *  for each tick
 *  0   8  sequence number, as the client gave it
 *  8   8  time, nanoseconds since 1970 UTC
 * 16   w  the values of its variables, as the client gave them
 * </pre>
 *
 * <p>How wide a tick is, and what it holds, stands in the annotation {@link #SCHEMA} of its series.
 */
final class TickRows {
    /** The annotation that holds {@link SignalSchema#definition}. */
    static final String SCHEMA = "forebay:schema";

    private static final int HEAD = 16;

    private TickRows() {}

    static ByteBuffer allocate(int ticks, int width) {
        return ByteBuffer.allocate(Math.multiplyExact(ticks, HEAD + width))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    static void put(ByteBuffer rows, long sequence, long nanos, ByteBuffer values) {
        rows.putLong(sequence).putLong(nanos).put(values.duplicate());
    }

    /** How many ticks a payload of {@code bytes} holds. */
    static long count(SignalSchema schema, long bytes) {
        return bytes / (HEAD + schema.tickBytes());
    }

    static long sequence(ByteBuffer rows, SignalSchema schema, int tick) {
        return rows.getLong(tick * (HEAD + schema.tickBytes()));
    }

    static long nanos(ByteBuffer rows, SignalSchema schema, int tick) {
        return rows.getLong(tick * (HEAD + schema.tickBytes()) + 8);
    }

    /** The latest time of all ticks. */
    static long last(ByteBuffer payload, SignalSchema schema) {
        ByteBuffer rows = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long last = Long.MIN_VALUE;
        for (int i = 0; i < count(schema, rows.limit()); i++) {
            last = Math.max(last, nanos(rows, schema, i));
        }
        return last;
    }

    /** The values of the variable that begins {@code offset} bytes into each tick. */
    static ByteBuffer column(ByteBuffer rows, SignalSchema schema, int offset, int bytes) {
        int row = HEAD + schema.tickBytes();
        int ticks = rows.limit() / row;
        ByteBuffer column = ByteBuffer.allocate(ticks * bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ticks; i++) {
            column.put(rows.slice(i * row + HEAD + offset, bytes));
        }
        return column.flip();
    }
}
