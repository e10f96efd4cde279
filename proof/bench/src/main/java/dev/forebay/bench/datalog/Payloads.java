package dev.forebay.bench.datalog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payloads that are known by their numbers: the number, and then the same bytes in each, as {@code
 * peers.py} makes them. For one thread.
 */
final class Payloads {
    private final ByteBuffer next;
    private final ByteBuffer rest;

    Payloads(int bytes) {
        next = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0);
        for (int i = 0; next.hasRemaining(); i++) {
            next.put((byte) (7 * i));
        }
        rest = next.duplicate().position(Long.BYTES).asReadOnlyBuffer();
    }

    /** Payload {@code i}, which is good until the next is asked for. */
    ByteBuffer get(long i) {
        return next.putLong(0, i).rewind();
    }

    /** Payload {@code i} as an array of its own. */
    byte[] copy(long i) {
        return get(i).array().clone();
    }

    /** Throws unless {@code found} is payload {@code i}. */
    void check(long i, ByteBuffer found) {
        ByteBuffer payload = found.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        boolean same = payload.remaining() == next.capacity() && payload.getLong() == i;
        if (!same || !payload.equals(rest)) {
            throw new IllegalStateException("expected payload %d, found another".formatted(i));
        }
    }
}
