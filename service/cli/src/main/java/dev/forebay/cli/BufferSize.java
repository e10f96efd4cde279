package dev.forebay.cli;

import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.stream.EndMarker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * How many bytes a buffer has, if it is written already; a hint, and a first look at the container.
 */
final class BufferSize {
    private static final int LARGEST_MARKER = 4096;

    private BufferSize() {}

    /**
     * Asks once.
     *
     * @throws IOException if there is no such buffer
     * @throws ContainerException if the container refuses; what may pass is left to the transfer
     */
    static OptionalLong of(Container container) throws IOException {
        try {
            if (container.get(EndMarker.NAME, Wait.NONE) instanceof Lookup.Found(var blob)) {
                try (blob) {
                    return size(blob);
                }
            }
        } catch (ContainerException e) {
            if (e.fault() == Fault.MISSING_CONTAINER) {
                throw new IOException(
                        "the buffer does not exist: "
                                + e.getMessage()
                                + "; it may have been purged",
                        e);
            }
            if (!e.mayRetry()) {
                throw e;
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong size(OpenBlob blob) {
        long length = blob.info().size();
        if (length > LARGEST_MARKER) {
            return OptionalLong.empty();
        }
        ByteBuffer body = ByteBuffer.allocate((int) length);
        blob.readInto(body);
        body.flip();
        boolean whole = Md5.of(body).equals(blob.info().md5());
        return whole ? EndMarker.parse(body).totalSize() : OptionalLong.empty();
    }
}
