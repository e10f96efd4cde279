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

    /** Takes the bytes of {@code chunk}, which its reader releases as usual. */
    void add(Content.Chunk chunk) {
        if (most == 0 || !chunk.canRetain()) {
            staged.write(chunk.getByteBuffer());
            return;
        }
        chunk.retain();
        kept.add(chunk);
        bytes += chunk.remaining();
        staged.lend(chunk.getByteBuffer());
        if (bytes >= most) {
            settle();
        }
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
