package dev.forebay.bddf;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a source in pieces of 256 KiB, so that small reads one behind the other cost one call of
 * the system together. For use by one thread.
 */
final class ReadAhead implements Source {
    private static final int PIECE = 1 << 18;

    private final Source source;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE).limit(0);

    /** Where the piece begins in the source. */
    private long begin;

    ReadAhead(Source source) {
        this.source = source;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int wanted = target.remaining();
        if (wanted >= PIECE) {
            return source.read(target, position);
        }
        if (position < begin || position + wanted > begin + piece.limit()) {
            begin = position;
            source.read(piece.clear(), position);
            piece.flip();
        }
        int count = Math.min(wanted, piece.limit() - (int) (position - begin));
        if (count > 0) {
            target.put(piece.slice((int) (position - begin), count));
        }
        return Math.max(0, count);
    }

    @Override
    public long size() throws IOException {
        return source.size();
    }
}
