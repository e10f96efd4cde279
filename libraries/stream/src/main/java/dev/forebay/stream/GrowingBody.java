package dev.forebay.stream;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * The memory of a body that may not be as large as is announced: it doubles as bytes come, up to
 * the size. For one thread.
 */
final class GrowingBody implements WritableByteChannel {
    private final BodyPool pool;
    private final int size;
    private ByteBuffer body;

    /** Begins with {@code first} bytes of room, at most {@code size}. */
    GrowingBody(BodyPool pool, int first, int size) {
        this.pool = pool;
        this.size = size;
        this.body = pool.take(first);
    }

    /**
     * Takes all of it.
     *
     * @throws java.nio.BufferOverflowException if that is more than the size
     */
    @Override
    public int write(ByteBuffer piece) {
        int length = piece.remaining();
        long needed = (long) body.position() + length;
        if (needed > body.limit() && body.limit() < size) {
            ByteBuffer larger =
                    pool.take((int) Math.min(size, Math.max(needed, 2L * body.limit())));
            larger.put(body.flip());
            pool.give(body);
            body = larger;
        }
        body.put(piece);
        return length;
    }

    /** What was written, in memory of the pool. */
    ByteBuffer body() {
        return body;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
