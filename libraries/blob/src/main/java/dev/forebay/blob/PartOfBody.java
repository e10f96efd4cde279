package dev.forebay.blob;

import java.nio.ByteBuffer;

/** Takes a whole body and passes on a part of it. For one thread. */
final class PartOfBody implements OpenBlob.Room {
    private static final int PIECE = 64 << 10;

    private final long from;
    private final long end;
    private final OpenBlob.Room target;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE);

    /** Bytes of the body before the piece. */
    private long before;

    PartOfBody(long from, long count, OpenBlob.Room target) {
        this.from = from;
        this.end = from + count;
        this.target = target;
    }

    @Override
    public ByteBuffer next() {
        if (!piece.hasRemaining()) {
            passOn();
        }
        return piece;
    }

    /** Passes on what has come since the last time. */
    void passOn() {
        piece.flip();
        int start = Math.clamp(from - before, 0, piece.limit());
        int stop = Math.clamp(end - before, start, piece.limit());
        before += piece.limit();
        for (int at = start; at < stop; ) {
            ByteBuffer room = target.next();
            int length = Math.min(room.remaining(), stop - at);
            room.put(piece.slice(at, length));
            at += length;
        }
        piece.clear();
    }
}
