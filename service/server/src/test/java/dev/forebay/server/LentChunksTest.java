package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The buffers of a connection go back when their bytes are digested, never before. */
class LentChunksTest {
    private final List<String> events = new ArrayList<>();

    /** Notes what is lent, written and settled. */
    private final class Noting implements StagedBlob {
        private boolean fails;

        @Override
        public void write(ByteBuffer piece) {
            note("write", piece);
        }

        @Override
        public void lend(ByteBuffer piece) {
            note("lend", piece);
            if (fails) {
                throw new IllegalStateException("the disk is gone");
            }
        }

        private void note(String call, ByteBuffer piece) {
            events.add(call + " " + piece.remaining());
            piece.position(piece.limit());
        }

        @Override
        public void settle() {
            events.add("settle");
        }

        @Override
        public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
            throw new AssertionError("nothing is committed here");
        }

        @Override
        public void close() {}
    }

    private final Noting staged = new Noting();

    /** Gives a chunk of {@code length} bytes, and releases it as its reader does. */
    private void give(LentChunks chunks, int length) {
        Content.Chunk chunk =
                Content.Chunk.from(
                        ByteBuffer.allocate(length), false, () -> events.add("free " + length));
        try {
            chunks.add(chunk);
        } finally {
            chunk.release();
        }
    }

    @Test
    void chunksAreFreeWhenSoManyAsAllowedAreDigested() {
        LentChunks chunks = new LentChunks(staged, 6);
        give(chunks, 1);
        give(chunks, 2);
        assertThat(events).containsExactly("lend 1", "lend 2");
        give(chunks, 3);
        assertThat(events).containsExactly("lend 1", "lend 2", "lend 3");
        give(chunks, 4);
        assertThat(events)
                .containsExactly(
                        "lend 1", "lend 2", "lend 3", "settle", "free 1", "free 2", "free 3",
                        "lend 4");
        chunks.close();
        assertThat(events).endsWith("lend 4", "settle", "free 4");
    }

    @Test
    void aBodyThatFitsIsDigestedWhenItsDigestIsNeeded() {
        LentChunks chunks = new LentChunks(staged, 6);
        give(chunks, 4);
        give(chunks, 2);
        chunks.add(Content.Chunk.EOF);
        assertThat(events).containsExactly("lend 4", "lend 2");
        chunks.close();
        assertThat(events).endsWith("lend 2", "settle", "free 4", "free 2");
    }

    @Test
    void oneAtATimeIsWrittenAndKeptByNoOne() {
        try (LentChunks chunks = new LentChunks(staged, 0)) {
            give(chunks, 7);
            assertThat(events).containsExactly("write 7", "free 7");
        }
    }

    @Test
    void aChunkThatFailsIsFreedOnceItsDigestIsSettled() {
        staged.fails = true;
        LentChunks chunks = new LentChunks(staged, 6);
        assertThatThrownBy(() -> give(chunks, 5)).hasMessage("the disk is gone");
        assertThat(events).containsExactly("lend 5");
        chunks.close();
        assertThat(events).containsExactly("lend 5", "settle", "free 5");
    }
}
