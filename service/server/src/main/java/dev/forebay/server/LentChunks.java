package dev.forebay.server;

import dev.forebay.blob.StagedBlob;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.Content;

/**
 * The chunks of a body that were written and are not digested yet: with more of each body in hand,
 * bodies that come side by side are digested together.
 *
 * <p><b>Guarantee.</b> A chunk is released when it is digested, and at the close in any case. At
 * most {@code most} bytes are kept, or one chunk. For one thread.
 */
final class LentChunks implements AutoCloseable {
    private final StagedBlob staged;
    private final long most;
    private final List<Content.Chunk> kept = new ArrayList<>();
    private long bytes;

    /** Keeps nothing if {@code most} is 0. */
    LentChunks(StagedBlob staged, long most) {
        this.staged = staged;
        this.most = most;
    }

    boolean mayKeep() {
        return most > 0;
    }

    /**
     * Takes the bytes of {@code chunk}, which its reader releases as usual. The empty one that ends
     * a body changes nothing: the body is not needed yet.
     */
    void add(Content.Chunk chunk) {
        if (!chunk.hasRemaining()) {
            return;
        }
        if (most == 0 || !chunk.canRetain()) {
            staged.write(chunk.getByteBuffer());
            return;
        }
        if (bytes + chunk.remaining() > most) {
            settle();
        }
        chunk.retain();
        kept.add(chunk);
        bytes += chunk.remaining();
        staged.lend(chunk.getByteBuffer());
    }

    private void settle() {
        try {
            staged.settle();
        } finally {
            kept.forEach(Content.Chunk::release);
            kept.clear();
            bytes = 0;
        }
    }

    @Override
    public void close() {
        settle();
    }
}
