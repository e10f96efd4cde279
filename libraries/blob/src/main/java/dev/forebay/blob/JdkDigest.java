package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** A digest by the JDK, on the calling thread. */
final class JdkDigest implements BodyDigest {
    private final MessageDigest digest = Md5.newDigest();
    private final List<ByteBuffer> pending = new ArrayList<>();
    private final LongConsumer ended;
    private long length;
    private boolean over;

    /** One that tells {@code ended} the bytes it digested, when it is finished or dropped. */
    JdkDigest(LongConsumer ended) {
        this.ended = ended;
    }

    @Override
    public void add(ByteBuffer piece) {
        pending.add(piece.duplicate());
    }

    @Override
    public void settle() {
        for (ByteBuffer piece : pending) {
            length += piece.remaining();
            digest.update(piece);
        }
        pending.clear();
    }

    @Override
    public Md5 finish() {
        settle();
        end();
        return Md5.finish(digest);
    }

    @Override
    public void drop() {
        pending.clear();
        end();
    }

    private void end() {
        if (!over) {
            over = true;
            ended.accept(length);
        }
    }
}
