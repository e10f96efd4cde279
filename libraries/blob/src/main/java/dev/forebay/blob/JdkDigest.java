package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** A digest by the JDK, on the calling thread. */
final class JdkDigest implements BodyDigest {
    private final MessageDigest digest = Md5.newDigest();
    private final List<ByteBuffer> pending = new ArrayList<>();
    private final SharedDigests shared;

    /** One that asks {@code shared} when it may digest, and says how much it did. */
    JdkDigest(SharedDigests shared) {
        this.shared = shared;
    }

    @Override
    public void add(ByteBuffer piece) {
        pending.add(piece.duplicate());
    }

    @Override
    public void settle() {
        for (ByteBuffer piece : pending) {
            shared.count(piece.remaining());
            shared.digest(() -> digest.update(piece));
        }
        pending.clear();
    }

    @Override
    public Md5 finish() {
        settle();
        return Md5.finish(digest);
    }

    @Override
    public void drop() {
        pending.clear();
    }
}
