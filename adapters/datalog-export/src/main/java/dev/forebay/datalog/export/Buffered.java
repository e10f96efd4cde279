package dev.forebay.datalog.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Gathers small writes to a channel, and counts their bytes. For use by one thread. */
final class Buffered {
    private static final int SIZE = 1 << 16;

    private final WritableByteChannel target;
    private final ByteBuffer buffer = ByteBuffer.allocate(SIZE);
    private long position;

    Buffered(WritableByteChannel target) {
        this.target = target;
    }

    /** How many bytes were written so far. */
    long position() {
        return position;
    }

    void write(byte[] bytes) throws IOException {
        write(ByteBuffer.wrap(bytes));
    }

    void write(ByteBuffer bytes) throws IOException {
        position += bytes.remaining();
        if (bytes.remaining() > buffer.remaining()) {
            flush();
        }
        if (bytes.remaining() >= SIZE) {
            writeFully(bytes.duplicate());
        } else {
            buffer.put(bytes.duplicate());
        }
    }

    void flush() throws IOException {
        buffer.flip();
        writeFully(buffer);
        buffer.clear();
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            target.write(bytes);
        }
    }
}
