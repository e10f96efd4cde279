package dev.forebay.run.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** Fails at the first read. */
final class BrokenChannel implements ReadableByteChannel {
    @Override
    public int read(ByteBuffer target) throws IOException {
        throw new IOException("broken for the test");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
