package dev.forebay.bddf;

import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Appends to a file from a position on; closing it closes nothing. For use by one thread. */
final class Appender implements WritableByteChannel {
    private final DiskFile file;
    private long position;

    Appender(DiskFile file, long position) {
        this.file = file;
        this.position = position;
    }

    long position() {
        return position;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        file.writeFully(source, position);
        position += count;
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
