package dev.forebay.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The caller's own number, which the journal writes in front of each payload as eight bytes
 * big-endian, so that the caller need not make an array of both.
 *
 * @param bytes 8, or 0 for no number
 * @param first the number of the first payload; each later one has the next
 */
record Numbering(int bytes, long first) {
    static final Numbering NONE = new Numbering(0, 0);

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    static Numbering from(long first) {
        return new Numbering(Long.BYTES, first);
    }

    /** Copies the payload with this index, and its number, to {@code target}. */
    void put(byte[] payload, int index, byte[] target, int at) {
        if (bytes > 0) {
            LONG.set(target, at, first + index);
        }
        System.arraycopy(payload, 0, target, at + bytes, payload.length);
    }
}
