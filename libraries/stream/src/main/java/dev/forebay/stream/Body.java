package dev.forebay.stream;

import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BodyDigest;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of one blob in memory, in pieces of a {@link MemoryBudget}. Its owner has claimed
 * {@link MemoryBudget#roomFor} of its largest size. First it is filled, through {@link #next}, then
 * flipped, then its {@link #pieces} are read.
 *
 * <p><b>Guarantee.</b> It takes memory for bytes that come, one piece ahead at most, and never for
 * bytes that are only announced. Its digest may be made of full pieces while the next ones come.
 *
 * <p>For one thread at a time.
 */
final class Body implements OpenBlob.Room {
    /** The first pieces of a body whose length is not known. */
    private static final int SMALL = 4096;

    private final MemoryBudget budget;
    private final long largest;
    private final boolean known;
    private final List<ByteBuffer> pieces = new ArrayList<>();
    private final BodyDigest digest = BodyDigest.begin();

    /** Pieces that the digest has. */
    private int digested;

    /** Bytes in all pieces but the last. */
    private long before;

    private Body(MemoryBudget budget, long largest, boolean known) {
        this.budget = budget;
        this.largest = largest;
        this.known = known;
    }

    /** A body of exactly {@code size} bytes. */
    static Body of(MemoryBudget budget, long size) {
        return new Body(budget, size, true);
    }

    /** A body of at most {@code largest} bytes, which takes at most twice the memory it needs. */
    static Body growing(MemoryBudget budget, long largest) {
        return new Body(budget, largest, false);
    }

    /** The piece to fill, another one if the last is full. */
    @Override
    public ByteBuffer next() {
        if (!pieces.isEmpty() && pieces.getLast().hasRemaining()) {
            return pieces.getLast();
        }
        addToDigest();
        before = size();
        long left = largest - before;
        if (left <= 0) {
            throw new IllegalStateException("a body of %d bytes is full".formatted(largest));
        }
        long wanted = known ? left : Math.min(left, Math.max(SMALL, before));
        ByteBuffer piece = budget.piece((int) Math.min(wanted, MemoryBudget.LARGEST_PIECE));
        piece.limit((int) Math.min(left, piece.capacity()));
        pieces.add(piece);
        return piece;
    }

    /** Bytes that were filled in; before {@link #flip}. */
    long size() {
        return pieces.isEmpty() ? 0 : before + pieces.getLast().position();
    }

    boolean isFull() {
        return size() == largest;
    }

    /** Bytes of memory taken. */
    long capacity() {
        long sum = 0;
        for (ByteBuffer piece : pieces) {
            sum += piece.capacity();
        }
        return sum;
    }

    /** From now on it is read. */
    void flip() {
        addToDigest();
        pieces.forEach(ByteBuffer::flip);
    }

    /** All bytes, in order. */
    List<ByteBuffer> pieces() {
        return pieces;
    }

    /** Hands full pieces to the digest; they do not change any more. */
    private void addToDigest() {
        while (digested < pieces.size()) {
            digest.add(pieces.get(digested).duplicate().flip());
            digested++;
        }
    }

    /** The digest of the whole body, after {@link #flip}; to be asked for once. */
    Md5 md5() {
        return digest.finish();
    }

    /** Gives the memory back; nothing reads it any more. */
    void give() {
        digest.drop();
        pieces.forEach(budget::give);
        pieces.clear();
    }

    /** Lets the memory go, which a transport may still read. */
    void abandon() {
        digest.drop();
        pieces.forEach(budget::abandon);
        pieces.clear();
    }
}
