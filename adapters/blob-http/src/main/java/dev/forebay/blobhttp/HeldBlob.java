package dev.forebay.blobhttp;

import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A blob held in memory until it is committed, since its digest and metadata travel before its
 * body. At most 256 MiB, what a server takes.
 */
final class HeldBlob implements StagedBlob {
    private static final int LARGEST = 256 << 20;

    private final HttpContainer container;
    private final BlobName name;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    HeldBlob(HttpContainer container, BlobName name) {
        this.container = container;
        this.name = name;
    }

    @Override
    public void write(ByteBuffer piece) {
        if (piece.remaining() > LARGEST - body.size()) {
            throw new ContainerException(
                    Fault.BAD_REQUEST, "blob " + name + " has more than " + LARGEST + " bytes");
        }
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        body.writeBytes(bytes);
    }

    @Override
    public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
        return container.put(name, ByteBuffer.wrap(body.toByteArray()), expected, metadata);
    }

    @Override
    public void close() {
        body.reset();
    }
}
