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
 * most {@code most} are kept, each with a buffer of the connection. For one thread.
 */
final class LentChunks implements AutoCloseable {
    private final StagedBlob staged;
    private final int most;
    private final List<Content.Chunk> kept = new ArrayList<>();

    LentChunks(StagedBlob staged, int most) {
        this.staged = staged;
        this.most = most;
    }

    /** Takes the bytes of {@code chunk}, which its reader releases as usual. */
    void add(Content.Chunk chunk) {
        if (most <= 1 || !chunk.canRetain()) {
            staged.write(chunk.getByteBuffer());
            return;
        }
        chunk.retain();
        kept.add(chunk);
        staged.lend(chunk.getByteBuffer());
        if (kept.size() >= most) {
            settle();
        }
    }

    private void settle() {
        try {
            staged.settle();
        } finally {
            kept.forEach(Content.Chunk::release);
            kept.clear();
        }
    }

    @Override
    public void close() {
        settle();
    }
}
