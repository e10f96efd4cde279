package dev.forebay.server;

import dev.forebay.blob.OpenBlob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * The body of an answer, as the room that a blob is read into: one direct buffer of the server's
 * pool, which is filled by one call of the file and sent by one of the socket, so that the heap
 * sees none of it. It is no larger than the body: one of {@link #GATHERED} costs more to make ready
 * than a small body to send. For one thread; blocks as the client reads.
 *
 * <p>A client that left ends the read of the blob by an {@link UncheckedIOException}.
 */
final class AnswerBody implements OpenBlob.Room, AutoCloseable {
    /** The largest size of the buffer. */
    static final int GATHERED = 128 << 10;

    private static final int SMALLEST = 4 << 10;

    private final Exchange exchange;
    private final RetainableByteBuffer pooled;
    private final ByteBuffer gathered;
    private boolean open = true;

    /**
     * @param size of the whole body, in bytes, or more
     */
    AnswerBody(Exchange exchange, long size) {
        this.exchange = exchange;
        this.pooled = exchange.buffers().acquire(Math.clamp(size, SMALLEST, GATHERED), true);
        ByteBuffer whole = pooled.getByteBuffer().duplicate();
        this.gathered = whole.clear().slice();
    }

    @Override
    public ByteBuffer next() {
        if (!gathered.hasRemaining()) {
            try {
                flush(false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return gathered;
    }

    private void flush(boolean last) throws IOException {
        exchange.write(last, gathered.flip());
        gathered.clear();
    }

    /** Sends what is left, and that it was the last. */
    void finish() throws IOException {
        flush(true);
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            pooled.release();
        }
    }
}
