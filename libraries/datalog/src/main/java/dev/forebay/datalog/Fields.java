package dev.forebay.datalog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the top level of a Protocol Buffers message: a field is a varint {@code number << 3 | kind}
 * and then, by kind, 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four bytes. Every length is
 * checked against what is left.
 */
final class Fields {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int LONGEST_VARINT = 10;
    private static final long SECOND = 1_000_000_000L;

    /** A message that cannot be read. */
    static final class MalformedMessageException extends Exception {
        MalformedMessageException(String message) {
            super(message);
        }
    }

    private final ByteBuffer in;
    private int kind;

    /** Reads a view of {@code message}, whose position stays. */
    Fields(ByteBuffer message) {
        in = message.duplicate();
    }

    /** The number of the next field, or 0 at the end. */
    int next() throws MalformedMessageException {
        if (!in.hasRemaining()) {
            return 0;
        }
        long tag = varint();
        kind = (int) tag & 7;
        long field = tag >>> 3;
        if (field < 1 || field >= 1 << 29) {
            throw new MalformedMessageException("the message has a field number " + field);
        }
        return (int) field;
    }

    void skip() throws MalformedMessageException {
        switch (kind) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case BYTES -> advance(varint());
            case FIXED32 -> advance(4);
            default -> throw new MalformedMessageException("the message has a wire type " + kind);
        }
    }

    private ByteBuffer advance(long count) throws MalformedMessageException {
        if (count < 0 || count > in.remaining()) {
            throw new MalformedMessageException(
                    "the message has a field of %d bytes, and %d are left"
                            .formatted(count, in.remaining()));
        }
        ByteBuffer part = in.slice(in.position(), (int) count);
        in.position(in.position() + (int) count);
        return part;
    }

    private void expect(int expected) throws MalformedMessageException {
        if (kind != expected) {
            throw new MalformedMessageException(
                    "a field has wire type %d; expected %d".formatted(kind, expected));
        }
    }

    long number() throws MalformedMessageException {
        expect(VARINT);
        return varint();
    }

    private long varint() throws MalformedMessageException {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (!in.hasRemaining()) {
                throw new MalformedMessageException("the message ends inside a number");
            }
            byte b = in.get();
            value |= (long) (b & 0x7F) << 7 * i;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("the message has a number of more than ten bytes");
    }

    ByteBuffer bytes() throws MalformedMessageException {
        expect(BYTES);
        return advance(varint());
    }

    String text() throws MalformedMessageException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes()).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedMessageException("a text of the message is not UTF-8");
        }
    }

    /** Nanoseconds since 1970 UTC of the timestamp in the current field. */
    long timestamp() throws MalformedMessageException {
        Fields parts = new Fields(bytes());
        long seconds = 0;
        long nanos = 0;
        for (int field = parts.next(); field != 0; field = parts.next()) {
            switch (field) {
                case 1 -> seconds = parts.number();
                case 2 -> nanos = parts.number();
                default -> parts.skip();
            }
        }
        try {
            return Math.addExact(Math.multiplyExact(seconds, SECOND), nanos);
        } catch (ArithmeticException e) {
            throw new MalformedMessageException(
                    "time %d s and %d ns is outside 1677 to 2262".formatted(seconds, nanos));
        }
    }

    /** A timestamp as field {@code number}, to be put behind a message that has none. */
    static byte[] timestamp(int number, long nanos) {
        ByteArrayOutputStream time = new ByteArrayOutputStream();
        time.write(1 << 3);
        varint(time, Math.floorDiv(nanos, SECOND));
        time.write(2 << 3);
        varint(time, Math.floorMod(nanos, SECOND));
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        varint(field, (long) number << 3 | BYTES);
        varint(field, time.size());
        field.writeBytes(time.toByteArray());
        return field.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
