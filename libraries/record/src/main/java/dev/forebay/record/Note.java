package dev.forebay.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a buffer's frames in its journal. The frame's flags tell the kind, all numbers are
 * big-endian longs.
 *
 * <pre>
 * RECORD    sequence, encoded record
 * BATCH     id, first, last, code of the cause
 * COMMIT    id, first, last
 * DROP      first (0: never had a number), last (or the count), code of the reason
 * FAILED    id
 * DEAD      id, first, last, reason in UTF-8
 * SPLIT     id, first, first of the second half, last, cause, id of each half
 * REPLAYED  id of the dead batch
 * SNAPSHOT  committed, next sequence, next batch id, dropped by code of the reason
 * KEPT      id of a dead batch, index of the record in it, encoded record
 * LETTER    id of a dead batch whose records were kept just before, first, reason in UTF-8
 * </pre>
 */
final class Note {
    static final int RECORD = 0;
    static final int BATCH = 1;
    static final int COMMIT = 2;
    static final int DROP = 3;
    static final int FAILED = 4;
    static final int DEAD = 5;
    static final int SPLIT = 6;
    static final int REPLAYED = 7;
    static final int SNAPSHOT = 8;
    static final int KEPT = 9;
    static final int LETTER = 10;

    /** No frame, but the number of frames that are missing here. */
    static final int GAP = -1;

    private static final byte[] NOTHING = {};

    private Note() {}

    static byte[] of(long... values) {
        return of(NOTHING, values);
    }

    static byte[] of(byte[] rest, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES + rest.length);
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.put(rest).array();
    }

    static byte[] of(String text, long... values) {
        return of(text.getBytes(StandardCharsets.UTF_8), values);
    }

    static byte[] rest(ByteBuffer payload) {
        byte[] rest = new byte[payload.remaining()];
        payload.get(rest);
        return rest;
    }

    static String text(ByteBuffer payload) {
        return new String(rest(payload), StandardCharsets.UTF_8);
    }
}
