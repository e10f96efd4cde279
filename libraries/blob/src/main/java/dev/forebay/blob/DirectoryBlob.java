package dev.forebay.blob;

import dev.forebay.base.DiskFile;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.WritableByteChannel;

/** A blob of a {@link DirectoryContainer}, read from its open file, which may hold others too. */
final class DirectoryBlob implements OpenBlob {
    private final BlobInfo info;
    private final DiskFile file;

    /** Where the body begins in the file. */
    private final long begin;

    DirectoryBlob(BlobInfo info, DiskFile file, long begin) {
        this.info = info;
        this.file = file;
        this.begin = begin;
    }

    @Override
    public BlobInfo info() {
        return info;
    }

    @Override
    public void transferTo(WritableByteChannel target) {
        try {
            for (long at = 0; at < info.size(); ) {
                long sent = file.transferTo(begin + at, info.size() - at, target);
                if (sent <= 0 && file.size() < begin + info.size()) {
                    throw cut(at);
                }
                at += sent;
            }
        } catch (ClosedByInterruptException e) {
            // The target's channel; no call of Disk ends so.
            throw new ContainerException(
                    Fault.CLOSED, "interrupted while sending blob " + info.name(), e);
        } catch (IOException e) {
            throw DirectoryContainer.faultOf("reading blob " + info.name(), e);
        }
    }

    @Override
    public void readInto(Room room) {
        readInto(0, info.size(), room);
    }

    @Override
    public void readInto(long from, long count, Room room) {
        try {
            long end = from + count;
            for (long at = from; at < end; ) {
                ByteBuffer target = room.next();
                int length = (int) Math.min(target.remaining(), end - at);
                if (length == 0) {
                    throw new BufferOverflowException();
                }
                int read = file.readFully(target.slice(target.position(), length), begin + at);
                if (read != length) {
                    throw cut(at + read);
                }
                target.position(target.position() + length);
                at += length;
            }
        } catch (IOException e) {
            throw DirectoryContainer.faultOf("reading blob " + info.name(), e);
        }
    }

    /** The file has become shorter since it was opened. */
    private ContainerException cut(long at) {
        return BlobFile.damaged(
                "the file of blob " + info.name(),
                begin + at,
                "a body of %d bytes".formatted(info.size()),
                "the end of the file");
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw DirectoryContainer.faultOf("closing blob " + info.name(), e);
        }
    }
}
