package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a body before it has a lane or is left to the JDK. It gets a lane as soon as lanes
 * are ready and more than {@link SharedDigests#SMALL} bytes are in hand, so that other bodies can
 * take it along. Otherwise this is decided when its first bytes have to be digested: if lanes are
 * about to be ready, a large body waits for them.
 *
 * <p><b>Guarantee.</b> The result is the MD5 of all pieces in the order in which they were added,
 * with lanes and without. For one thread at a time; {@link #settle} and {@link #finish} may block,
 * as {@link SharedDigests} says.
 */
final class UndecidedDigest implements BodyDigest {
    private final SharedDigests shared;
    private final List<ByteBuffer> pending = new ArrayList<>();
    private long bytes;
    private @Nullable BodyDigest decided;

    UndecidedDigest(SharedDigests shared) {
        this.shared = shared;
    }

    @Override
    public void add(ByteBuffer piece) {
        if (decided != null) {
            decided.add(piece);
            return;
        }
        pending.add(piece.duplicate());
        bytes += piece.remaining();
        BodyDigest lane = shared.laneFor(bytes);
        if (lane != null) {
            decide(lane);
        }
    }

    private BodyDigest decided() {
        return decided != null ? decided : decide(shared.decide(bytes));
    }

    private BodyDigest decide(BodyDigest digest) {
        decided = digest;
        pending.forEach(digest::add);
        pending.clear();
        return digest;
    }

    @Override
    public void settle() {
        decided().settle();
    }

    @Override
    public Md5 finish() {
        return decided().finish();
    }

    @Override
    public void drop() {
        pending.clear();
        if (decided != null) {
            decided.drop();
        }
    }
}
