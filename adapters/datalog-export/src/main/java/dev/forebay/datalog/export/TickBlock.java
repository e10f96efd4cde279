package dev.forebay.datalog.export;

import dev.forebay.bddf.Pod;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Ticks of one signal by columns, little-endian. A column holds {@code width} bytes a tick from
 * {@code offset} on, every {@code stride} bytes.
 */
record TickBlock(int count, Column times, Column sequences, List<Column> values) {
    /** Where the numbers of one variable are. */
    record Column(Pod pod, ByteBuffer bytes, int offset, int stride) {
        /** The number of a tick, as the shortest text that leads back to it. */
        String text(int tick) {
            int at = at(tick);
            return switch (pod) {
                case INT8 -> Byte.toString(bytes.get(at));
                case INT16 -> Short.toString(bytes.getShort(at));
                case INT32 -> Integer.toString(bytes.getInt(at));
                case INT64 -> Long.toString(bytes.getLong(at));
                case UINT8 -> Integer.toString(Byte.toUnsignedInt(bytes.get(at)));
                case UINT16 -> Integer.toString(Short.toUnsignedInt(bytes.getShort(at)));
                case UINT32 -> Integer.toUnsignedString(bytes.getInt(at));
                case UINT64 -> Long.toUnsignedString(bytes.getLong(at));
                case FLOAT32 -> Float.toString(bytes.getFloat(at));
                case FLOAT64 -> Double.toString(bytes.getDouble(at));
            };
        }

        /** Whether the number of a tick is one; false for NaN and the infinities. */
        boolean isFinite(int tick) {
            return switch (pod) {
                case FLOAT32 -> Float.isFinite(bytes.getFloat(at(tick)));
                case FLOAT64 -> Double.isFinite(bytes.getDouble(at(tick)));
                default -> true;
            };
        }

        /** The number of a tick of an INT64 column. */
        long number(int tick) {
            return bytes.getLong(at(tick));
        }

        private int at(int tick) {
            return offset + tick * stride;
        }
    }

    TickBlock {
        values = List.copyOf(values);
    }

    long nanos(int tick) {
        return times.number(tick);
    }

    long sequence(int tick) {
        return sequences.number(tick);
    }
}
