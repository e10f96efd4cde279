package dev.forebay.datalog.export;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds messages in the wire format of Protocol Buffers, as clients send them. */
final class ProtoBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    ProtoBytes number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    ProtoBytes text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoBytes real(int field, double value) {
        varint((long) field << 3 | 1);
        bytes.writeBytes(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
        return this;
    }

    ProtoBytes message(int field, ProtoBytes value) {
        return bytes(field, value.bytes.toByteArray());
    }

    ProtoBytes time(int field, long nanos) {
        return message(
                field,
                new ProtoBytes()
                        .number(1, Math.floorDiv(nanos, 1_000_000_000L))
                        .number(2, Math.floorMod(nanos, 1_000_000_000L)));
    }

    private ProtoBytes bytes(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    ByteBuffer build() {
        return ByteBuffer.wrap(bytes.toByteArray());
    }
}
