package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DigestScheduler} knows of one body: the state of its MD5 and the bytes that are not
 * in it yet. It is used under the lock of the scheduler; during a run, the thread of the run has
 * the state and the first piece.
 */
final class Lane {
    private final int[] state = Md5Block.initial();
    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();

    /** The beginning of a block whose end has not come. */
    private final ByteBuffer begun =
            ByteBuffer.allocate(Md5Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Bytes of the body so far. */
    private long length;

    /** A run has the state and the first piece. */
    private boolean running;

    /** Its thread waits for it. */
    private boolean awaited;

    private boolean left;

    private @Nullable Throwable failure;

    void add(ByteBuffer piece) {
        length += piece.remaining();
        pieces.add(piece);
    }

    void forget() {
        pieces.clear();
    }

    /** True at the first call. */
    boolean leave() {
        boolean first = !left;
        left = true;
        return first;
    }

    boolean isRunning() {
        return running;
    }

    boolean isAwaited() {
        return awaited;
    }

    void setAwaited(boolean now) {
        awaited = now;
    }

    void begin() {
        running = true;
    }

    /** A run ended, by {@code fault} if it is not null: then the state is worth nothing. */
    void end(@Nullable Throwable fault) {
        running = false;
        failure = failure == null ? fault : failure;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    /** The whole blocks at the front of the first piece; 0 if there is none. Not during a run. */
    int blocks() {
        while (!pieces.isEmpty()) {
            ByteBuffer first = pieces.getFirst();
            if (begun.position() == 0 && first.remaining() >= Md5Block.BYTES) {
                return first.remaining() / Md5Block.BYTES;
            }
            take(first);
            if (!first.hasRemaining()) {
                pieces.removeFirst();
            }
        }
        return 0;
    }

    /** Moves bytes to the block that was begun, and digests it if that is whole. */
    private void take(ByteBuffer piece) {
        int count = Math.min(begun.remaining(), piece.remaining());
        begun.put(piece.slice(piece.position(), count));
        piece.position(piece.position() + count);
        if (!begun.hasRemaining()) {
            begun.flip();
            advance(begun, 1);
            begun.clear();
        }
    }

    int[] state() {
        return state;
    }

    ByteBuffer first() {
        return pieces.getFirst();
    }

    /** Digests blocks of the first piece, one after the other. */
    void advance(int blocks) {
        advance(pieces.getFirst(), blocks);
    }

    private void advance(ByteBuffer from, int blocks) {
        int[] words = new int[Math.min(blocks, Md5Block.WORDS) * Md5Block.WORDS];
        for (int left = blocks; left > 0; ) {
            int count = Math.min(left, Md5Block.WORDS);
            int length = count * Md5Block.WORDS;
            // The view is of whole words from here on, and the order is that of MD5.
            from.slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words, 0, length);
            from.position(from.position() + count * Md5Block.BYTES);
            for (int at = 0; at < length; at += Md5Block.WORDS) {
                Md5Block.compress(state, words, at);
            }
            left -= count;
        }
    }

    /** The result, when all bytes were digested: the rest is padded with its length in bits. */
    Md5 finish() {
        begun.put((byte) 0x80);
        if (begun.remaining() < Long.BYTES) {
            pad(0);
        }
        pad(Long.BYTES);
        ByteBuffer result = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        result.asIntBuffer().put(state);
        return new Md5(Base64.getEncoder().encodeToString(result.array()));
    }

    /** Fills the block with zeros, and the length if there is {@code room} for it, and takes it. */
    private void pad(int room) {
        while (begun.remaining() > room) {
            begun.put((byte) 0);
        }
        if (room > 0) {
            begun.putLong(length * Byte.SIZE);
        }
        begun.flip();
        advance(begun, 1);
        begun.clear();
    }
}
