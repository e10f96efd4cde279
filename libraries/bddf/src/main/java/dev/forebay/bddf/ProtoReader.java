package dev.forebay.bddf;

import dev.forebay.bddf.BddfException.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the wire format of Protocol Buffers from a range of bytes; see {@link ProtoWriter}. Every
 * length is checked against what is left, so that broken bytes end in a {@link BddfException} and
 * never in a large allocation.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int LONGEST_VARINT = 10;
    private static final long SECOND = 1_000_000_000L;

    private final byte[] bytes;
    private int at;
    private final int end;
    private int kind;

    ProtoReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    ProtoReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** The number of the next field, or 0 at the end. */
    int next() {
        if (at == end) {
            return 0;
        }
        long tag = varint();
        kind = (int) tag & 7;
        long field = tag >>> 3;
        if (field < 1 || field >= 1 << 29) {
            throw broken("field number %d".formatted(field));
        }
        return (int) field;
    }

    /** Passes over the field that {@link #next} found, one that this version does not know. */
    void skip() {
        switch (kind) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case BYTES -> advance(length());
            case FIXED32 -> advance(4);
            default -> throw broken("wire type %d".formatted(kind));
        }
    }

    private void expect(int expected) {
        if (kind != expected) {
            throw broken("wire type %d where %d is expected".formatted(kind, expected));
        }
    }

    long number() {
        expect(VARINT);
        return varint();
    }

    private long varint() {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (at == end) {
                throw broken("a number that does not end");
            }
            byte b = bytes[at++];
            value |= (long) (b & 0x7F) << 7 * i;
            if (b >= 0) {
                return value;
            }
        }
        throw broken("a number of more than ten bytes");
    }

    private int length() {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw broken("a length of %d where %d bytes are left".formatted(length, end - at));
        }
        return (int) length;
    }

    private void advance(int count) {
        if (count > end - at) {
            throw broken("%d bytes where %d are left".formatted(count, end - at));
        }
        at += count;
    }

    /** The message in the current field. */
    ProtoReader message() {
        expect(BYTES);
        int length = length();
        ProtoReader message = new ProtoReader(bytes, at, at + length);
        at += length;
        return message;
    }

    String text() {
        expect(BYTES);
        int length = length();
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, at, length))
                            .toString();
            at += length;
            return text;
        } catch (CharacterCodingException e) {
            throw new BddfException(Fault.DAMAGED, "a text that is not UTF-8", e);
        }
    }

    /** Adds the numbers of the current field, packed or single, to {@code target}. */
    void numbers(LongList target) {
        if (kind == VARINT) {
            target.add(varint());
            return;
        }
        ProtoReader packed = message();
        while (packed.at < packed.end) {
            target.add(packed.varint());
        }
    }

    /** Nanoseconds since 1970 of the timestamp in the current field. */
    long timestamp() {
        ProtoReader in = message();
        long seconds = 0;
        long nanos = 0;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> seconds = in.number();
                case 2 -> nanos = in.number();
                default -> in.skip();
            }
        }
        // Borrowing a second keeps the first nanoseconds of a long's range from overflowing.
        boolean borrow = seconds < 0 && nanos > 0;
        long whole = borrow ? seconds + 1 : seconds;
        long rest = borrow ? nanos - SECOND : nanos;
        try {
            return Math.addExact(Math.multiplyExact(whole, SECOND), rest);
        } catch (ArithmeticException e) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "time %d s and %d ns is outside 1677 to 2262".formatted(seconds, nanos),
                    e);
        }
    }

    private static BddfException broken(String what) {
        return new BddfException(Fault.DAMAGED, "a descriptor holds " + what);
    }
}
