package dev.forebay.blob;

import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way into a {@link DirectoryContainer}: written aside, synced, then given its name
 * by the container. For one thread.
 *
 * <p><b>One sync.</b> The file ends with the MD5 of the body. Where that is announced for a body
 * that is not small, the end is written before the digest is finished, and one sync takes both to
 * the device. Bodies that come meanwhile are digested together with this one. If its digest is
 * another, the file gets no name and is deleted.
 */
final class StagedFile extends MeasuredBlob {
    /**
     * A body of at most this many bytes is written with what follows it, in one call, once its
     * digest is known: that takes less time than the sync.
     */
    private static final int SMALL = 16 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final DirectoryContainer container;
    private final Path path;
    private final DiskFile file;

    /** All bytes of the body so far, not yet written; empty once it is larger than small. */
    private ByteBuffer held = NOTHING;

    /** What the file on the device holds; null until it is synced. */
    private @Nullable BlobInfo synced;

    private boolean closed;

    StagedFile(
            DirectoryContainer container, BlobName name, Path path, DiskFile file, long largest) {
        super(name, largest);
        this.container = container;
        this.path = path;
        this.file = file;
    }

    @Override
    protected void keep(ByteBuffer piece) {
        if (size() + piece.remaining() <= SMALL) {
            hold(piece);
            return;
        }
        try {
            if (held.position() > 0) {
                file.writeFully(held.flip(), 0);
                held = NOTHING;
            }
            file.writeFully(piece, size());
        } catch (IOException e) {
            throw container.fault("writing blob " + name(), e);
        }
    }

    private void hold(ByteBuffer piece) {
        if (held.remaining() < piece.remaining()) {
            int needed = held.position() + piece.remaining();
            held = ByteBuffer.allocate(Math.max(needed, 2 * held.capacity())).put(held.flip());
        }
        held.put(piece);
    }

    @Override
    protected void arrived(Md5 announced, Map<String, String> metadata) {
        if (size() <= SMALL) {
            return;
        }
        try {
            synced = sealed(announced, metadata);
        } catch (IOException e) {
            throw fault(e);
        }
    }

    /** Writes what follows the body, and syncs. */
    private BlobInfo sealed(Md5 md5, Map<String, String> metadata) throws IOException {
        Instant created = container.now();
        BlobInfo info = new BlobInfo(name(), size(), md5, metadata, created);
        ByteBuffer tail = BlobFile.tail(size(), md5, info.metadata(), created);
        held.flip();
        ByteBuffer rest = ByteBuffer.allocate(held.remaining() + tail.remaining());
        file.writeFully(rest.put(held).put(tail).flip(), size() - held.limit());
        file.sync();
        return info;
    }

    private ContainerException fault(IOException e) {
        container.checkNotPoisoned();
        return container.fault("putting blob " + name(), e);
    }

    @Override
    protected PutResult create(Md5 md5, Map<String, String> metadata) {
        try {
            BlobInfo info = synced != null ? synced : sealed(md5, metadata);
            container.checkTakesPuts();
            return container.settle(Set.of(name()), path).contains(name())
                    ? new PutResult.Created(info, Durability.SYNCED)
                    : new PutResult.Exists(Durability.SYNCED);
        } catch (IOException e) {
            throw fault(e);
        }
    }

    /**
     * The staged name goes whether the blob came to be or not; a crash leaves it to the next
     * opening.
     */
    @Override
    protected void discard() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            file.close();
            container.discard(path);
        } catch (IOException e) {
            throw container.fault("removing the staged file of blob " + name(), e);
        }
    }
}
