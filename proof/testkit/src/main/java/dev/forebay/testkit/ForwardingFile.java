package dev.forebay.testkit;

import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A file that hands every call to another; a test overrides the calls that it is about. */
public class ForwardingFile implements DiskFile {
    private final DiskFile file;

    public ForwardingFile(DiskFile file) {
        this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return file.read(target, position);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        return file.write(source, position);
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        return file.transferTo(position, count, target);
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        file.truncate(size);
    }

    @Override
    public void allocate(long offset, long length) throws IOException {
        file.allocate(offset, length);
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public DiskMapping map(long offset, long length) throws IOException {
        return file.map(offset, length);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
