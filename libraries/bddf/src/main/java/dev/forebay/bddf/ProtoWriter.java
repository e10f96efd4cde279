package dev.forebay.bddf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the wire format of Protocol Buffers: each field is a varint {@code number << 3 | kind} and
 * then, by kind, 0 a varint, 1 eight bytes, 2 a length and bytes. Fields of the default value are
 * left out, as proto3 does. Made for small messages; grows as needed.
 */
final class ProtoWriter {
    private byte[] bytes = new byte[64];
    private int length;

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Forgets what was written. */
    void clear() {
        length = 0;
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }

    void varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private void tag(int field, int kind) {
        varint((long) field << 3 | kind);
    }

    void number(int field, long value) {
        if (value != 0) {
            tag(field, 0);
            varint(value);
        }
    }

    void bool(int field, boolean value) {
        number(field, value ? 1 : 0);
    }

    void text(int field, String value) {
        if (!value.isEmpty()) {
            bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** A field that is written even if it is empty: a message, a text in a list, a map's entry. */
    void bytes(int field, byte[] value) {
        bytes(field, value, value.length);
    }

    private void bytes(int field, byte[] value, int count) {
        tag(field, 2);
        varint(count);
        reserve(count);
        System.arraycopy(value, 0, bytes, length, count);
        length += count;
    }

    void message(int field, ProtoWriter message) {
        bytes(field, message.bytes, message.length);
    }

    /** Numbers packed into one field; nothing if there are none. */
    void packed(int field, long... values) {
        if (values.length > 0) {
            ProtoWriter all = new ProtoWriter();
            for (long value : values) {
                all.varint(value);
            }
            message(field, all);
        }
    }

    /** A timestamp: 1 seconds, 2 nanoseconds from 0 to 999 999 999. */
    void timestamp(int field, long nanos) {
        long seconds = Math.floorDiv(nanos, 1_000_000_000L);
        long rest = Math.floorMod(nanos, 1_000_000_000L);
        tag(field, 2);
        varint(
                (seconds == 0 ? 0 : 1 + varintLength(seconds))
                        + (rest == 0 ? 0 : 1 + varintLength(rest)));
        number(1, seconds);
        number(2, rest);
    }

    static int varintLength(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }
}
