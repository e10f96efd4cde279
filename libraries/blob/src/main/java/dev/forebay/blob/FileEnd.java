package dev.forebay.blob;

import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A stretch of a file whose last bytes are read at once: what is known of a blob lies there. For
 * one thread.
 */
final class FileEnd {
    private static final int AHEAD = 4096;

    private final DiskFile file;
    private final Object path;
    private final long from;
    private final long end;
    private final long aheadFrom;
    private final ByteBuffer ahead;

    /**
     * The bytes of {@code file} from {@code from} up to {@code end}.
     *
     * @param path names it in messages
     */
    FileEnd(DiskFile file, Object path, long from, long end) throws IOException {
        this.file = file;
        this.path = path;
        this.from = from;
        this.end = end;
        this.aheadFrom = Math.max(from, end - AHEAD);
        this.ahead = fetch(aheadFrom, Math.toIntExact(end - aheadFrom));
    }

    /** A shorter stretch of the same file. */
    FileEnd part(long begin, long length) throws IOException {
        return new FileEnd(file, path, begin, begin + length);
    }

    Object path() {
        return path;
    }

    long from() {
        return from;
    }

    long end() {
        return end;
    }

    /**
     * Little-endian bytes of the file, from {@code at} on.
     *
     * @throws ContainerException of {@link ContainerException.Fault#DAMAGED} if the file ends
     *     before
     */
    ByteBuffer read(long at, int length) throws IOException {
        if (at >= aheadFrom) {
            return ahead.slice(Math.toIntExact(at - aheadFrom), length)
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        return fetch(at, length);
    }

    private ByteBuffer fetch(long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        int count = file.readFully(bytes, at);
        if (count < length) {
            throw BlobFile.damaged(path, at, length + " bytes", count + ", and then the end");
        }
        return bytes.flip();
    }
}
