package dev.forebay.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a channel. Small pieces are gathered into one direct buffer of the
 * server's pool, so that the heap sees none of it and the socket gets large writes. For one thread;
 * blocks as the client reads.
 */
final class AnswerChannel implements WritableByteChannel {
    /** The size of the buffer. */
    static final int GATHERED = 128 << 10;

    private final Exchange exchange;
    private final RetainableByteBuffer pooled;
    private final ByteBuffer gathered;
    private boolean open = true;
    private @Nullable IOException fault;

    AnswerChannel(Exchange exchange) {
        this.exchange = exchange;
        this.pooled = exchange.buffers().acquire(GATHERED, true);
        ByteBuffer whole = pooled.getByteBuffer().duplicate();
        this.gathered = whole.clear().slice();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int length = source.remaining();
        while (source.hasRemaining()) {
            if (!gathered.hasRemaining()) {
                flush(false);
            }
            int count = Math.min(source.remaining(), gathered.remaining());
            gathered.put(source.slice(source.position(), count));
            source.position(source.position() + count);
        }
        return length;
    }

    private void flush(boolean last) throws IOException {
        gathered.flip();
        try {
            exchange.write(last, gathered);
        } catch (IOException e) {
            fault = e;
            throw e;
        }
        gathered.clear();
    }

    /** Throws the fault of the connection, if it had one. */
    void throwFault() throws IOException {
        if (fault != null) {
            throw new IOException("the client left in mid-body", fault);
        }
    }

    /** Sends what is left, and that it was the last. */
    void finish() throws IOException {
        flush(true);
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            pooled.release();
        }
    }
}
