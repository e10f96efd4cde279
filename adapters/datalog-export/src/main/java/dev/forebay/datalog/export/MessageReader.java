package dev.forebay.datalog.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * Reads the fields of a message in the wire format of Protocol Buffers. Every length is compared
 * with what is left. For use by one thread.
 */
final class MessageReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int LONGEST_VARINT = 10;

    private final ByteBuffer in;
    private int kind;

    /** The bytes are no message, or one with other kinds of fields. */
    static final class MalformedException extends RuntimeException {
        MalformedException(String what) {
            super(what);
        }
    }

    MessageReader(ByteBuffer message) {
        in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The number of the next field, or 0 at the end. */
    int next() {
        if (!in.hasRemaining()) {
            return 0;
        }
        long tag = varint();
        kind = (int) tag & 7;
        long field = tag >>> 3;
        if (field < 1 || field >= 1 << 29) {
            throw new MalformedException("field number " + field);
        }
        return (int) field;
    }

    void skip() {
        switch (kind) {
            case VARINT -> varint();
            case FIXED64 -> piece(Long.BYTES);
            case BYTES -> piece(varint());
            case FIXED32 -> piece(Integer.BYTES);
            default -> throw new MalformedException("wire type " + kind);
        }
    }

    private void expect(int expected) {
        if (kind != expected) {
            throw new MalformedException("wire type " + kind + ", expected " + expected);
        }
    }

    long number() {
        expect(VARINT);
        return varint();
    }

    double real() {
        expect(FIXED64);
        return piece(Long.BYTES).getDouble();
    }

    MessageReader message() {
        expect(BYTES);
        return new MessageReader(piece(varint()));
    }

    String text() {
        expect(BYTES);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(piece(varint())).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("a text that is not UTF-8");
        }
    }

    /** A timestamp as text, such as {@code 2026-01-31T10:00:00.5Z}. */
    String timestamp() {
        long[] time = secondsAndNanos();
        try {
            return Instant.ofEpochSecond(time[0], time[1]).toString();
        } catch (DateTimeException | ArithmeticException e) {
            throw new MalformedException("a time of " + time[0] + " s");
        }
    }

    /** A duration as text, such as {@code 1.500000000s}. */
    String duration() {
        long[] length = secondsAndNanos();
        boolean negative = length[0] < 0 || length[1] < 0;
        return "%s%d.%09ds"
                .formatted(negative ? "-" : "", Math.abs(length[0]), Math.abs(length[1]));
    }

    private long[] secondsAndNanos() {
        MessageReader fields = message();
        long[] found = new long[2];
        for (int field = fields.next(); field != 0; field = fields.next()) {
            if (field == 1 || field == 2) {
                found[field - 1] = fields.number();
            } else {
                fields.skip();
            }
        }
        return found;
    }

    private long varint() {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (!in.hasRemaining()) {
                throw new MalformedException("a number that does not end");
            }
            byte b = in.get();
            value |= (long) (b & 0x7F) << 7 * i;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedException("a number of more than ten bytes");
    }

    private ByteBuffer piece(long length) {
        if (length < 0 || length > in.remaining()) {
            throw new MalformedException(length + " bytes where " + in.remaining() + " are left");
        }
        ByteBuffer piece = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return piece;
    }
}
