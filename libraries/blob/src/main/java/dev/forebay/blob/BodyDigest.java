package dev.forebay.blob;

import java.nio.ByteBuffer;

/**
 * The MD5 of one body whose bytes come piece by piece. Adding a piece takes no time: its bytes are
 * digested when the result is needed, or earlier, together with other bodies, where an {@link
 * Md5Lanes} is present.
 *
 * <p>A piece must not change until {@link #settle}, {@link #finish} or {@link #drop} has returned.
 * For one thread at a time.
 */
public sealed interface BodyDigest permits JdkDigest, LaneDigest, UndecidedDigest {
    /** {@return the digest of a new body} */
    static BodyDigest begin() {
        return SharedDigests.ofProcess().begin();
    }

    /**
     * Says how many bytes this process is going to digest, most likely: with enough of them, it
     * prepares for many bodies at once now instead of after a part of them. Does not block.
     *
     * @param bytes in all; {@link Long#MAX_VALUE} if there will be no end of them
     */
    static void expect(long bytes) {
        SharedDigests.ofProcess().expect(bytes);
    }

    /**
     * Prepares this process for many bodies at once though none is under way: in the background,
     * and no body waits for it. Does not block.
     */
    static void prepare() {
        SharedDigests.ofProcess().prepareAhead();
    }

    /**
     * Adds the remaining bytes of {@code piece}, whose position stays.
     *
     * @param piece must not change until {@link #finish} has returned
     */
    void add(ByteBuffer piece);

    /** Digests what was added so far. No piece is in use after this returns. */
    void settle();

    /**
     * Digests what was added and ends the body. No piece is in use after this returns.
     *
     * @return the MD5 of all pieces, in their order
     */
    Md5 finish();

    /** Gives the digest up. No piece is in use after this returns. */
    void drop();
}
