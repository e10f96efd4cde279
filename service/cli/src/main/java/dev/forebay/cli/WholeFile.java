package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * A regular file as the input of a write.
 *
 * <p><b>Guarantee.</b> The end of the input is reported only if the file was read up to the largest
 * size it had. A file that was cut while it was read fails the read, so the buffer is marked
 * failed. A file that grows is read to its end.
 *
 * <p><b>Limit.</b> A file that is cut and grows again between two reads is not noticed, and neither
 * is content that changes in place. A file of size 0 that still has content, as in {@code /proc},
 * is read to its end without a check.
 *
 * <p>For one thread; reads block.
 */
final class WholeFile implements ReadableByteChannel {
    private final String name;
    private final FileChannel file;
    private final long sizeAtFirst;
    private long largestSize;

    /**
     * Takes the file over, at its beginning.
     *
     * @param name stands in messages
     */
    WholeFile(String name, FileChannel file) throws IOException {
        this.name = name;
        this.file = file;
        this.sizeAtFirst = file.size();
        this.largestSize = sizeAtFirst;
    }

    /** The size in bytes that the file had when it was opened. */
    long sizeAtFirst() {
        return sizeAtFirst;
    }

    /** What to say if a transfer of {@code bytes} took more than the file had at first. */
    Optional<String> growth(long bytes) {
        return sizeAtFirst == 0 || bytes <= sizeAtFirst
                ? Optional.empty()
                : Optional.of(
                        "%s grew while it was read: it had %d bytes at first, and %d bytes up to its end were written"
                                .formatted(name, sizeAtFirst, bytes));
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        int count = file.read(to);
        checkSize();
        if (count < 0 && file.position() < largestSize) {
            // It may have grown since the read.
            count = file.read(to);
            checkSize();
            if (count < 0 && file.position() < largestSize) {
                throw cut(file.position());
            }
        }
        return count;
    }

    private void checkSize() throws IOException {
        long size = file.size();
        if (size < largestSize) {
            throw cut(size);
        }
        largestSize = size;
    }

    private IOException cut(long end) throws IOException {
        return new IOException(
                "%s was cut while it was read: expected %d bytes (%s) or more, found its end after %d, with %d read already; write the whole file into a new buffer"
                        .formatted(
                                name, largestSize, ByteSize.of(largestSize), end, file.position()));
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
