package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way in: fed piece by piece, then committed whole or discarded. Until {@link
 * #commit} returns no reader can see it; closing it without a commit leaves nothing behind. For one
 * thread. All methods may block.
 *
 * <p>Faults are {@link ContainerException}s, after which the stage can only be closed.
 */
public interface StagedBlob extends AutoCloseable {
    /**
     * Takes all remaining bytes of {@code piece}.
     *
     * @param piece its position moves to its limit
     */
    void write(ByteBuffer piece);

    /**
     * Takes all remaining bytes of {@code piece}, which must not change until {@link #settle},
     * {@link #commit} or {@link #close} has returned: so bodies that come side by side can be
     * digested together.
     *
     * @param piece its position moves to its limit
     */
    default void lend(ByteBuffer piece) {
        write(piece);
    }

    /** No piece that was lent is in use after this returns. */
    default void settle() {}

    /**
     * Creates the blob if its name is free. When this returns {@link PutResult.Created} or {@link
     * PutResult.Exists}, the blob that has the name is {@link dev.forebay.base.Durability#SYNCED}.
     *
     * @param expected the MD5 the body must have, or null to accept any; a difference creates
     *     nothing
     * @param metadata kept along with the body
     * @return whether the blob came into being
     */
    PutResult commit(@Nullable Md5 expected, Map<String, String> metadata);

    /** Discards what was not committed; does nothing after a commit. */
    @Override
    void close();
}
