package dev.forebay.datalog.export;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the fields of a message in the wire format of Protocol Buffers. For one thread. */
final class MessageWriter {
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void number(int field, long value) {
        varint((long) field << 3);
        varint(value);
    }

    void real(int field, double value) {
        varint((long) field << 3 | FIXED64);
        out.writeBytes(
                ByteBuffer.allocate(Double.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putDouble(value)
                        .array());
    }

    void text(int field, String value) {
        sized(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void message(int field, MessageWriter value) {
        sized(field, value.bytes());
    }

    /** A time or a duration: seconds, and nanoseconds beyond them. */
    void pair(int field, long seconds, int nanos) {
        MessageWriter pair = new MessageWriter();
        pair.number(1, seconds);
        pair.number(2, nanos);
        message(field, pair);
    }

    private void sized(int field, byte[] value) {
        varint((long) field << 3 | BYTES);
        varint(value.length);
        out.writeBytes(value);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
