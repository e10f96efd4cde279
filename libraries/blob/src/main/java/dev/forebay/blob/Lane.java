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
 * the state, the bytes that {@link #begin} took for it, and the block that was begun.
 */
final class Lane implements Md5Lanes.Source {
    /** Blocks that are digested alone at a time. */
    private static final int COPIED = 16;

    private final int[] state = Md5Block.initial();

    /** Bytes that no run has. */
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();

    private long bytesWaiting;

    /** Bytes of the run under way. */
    private final Deque<ByteBuffer> taken = new ArrayDeque<>();

    /** The beginning of a block whose end has not come. */
    private final ByteBuffer begun =
            ByteBuffer.allocate(Md5Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Bytes of the body so far. */
    private long length;

    /** A run has the state. */
    private boolean running;

    /** Its thread waits for it. */
    private boolean awaited;

    private @Nullable Throwable failure;

    /**
     * A body of {@code blocks} blocks at the front of {@code memory}, with which a run has begun.
     */
    static Lane sample(ByteBuffer memory, int blocks) {
        Lane lane = new Lane();
        lane.add(memory.slice(0, blocks * Md5Block.BYTES));
        lane.begin(blocks);
        return lane;
    }

    void add(ByteBuffer piece) {
        length += piece.remaining();
        bytesWaiting += piece.remaining();
        if (piece.hasRemaining()) {
            waiting.add(piece);
        }
    }

    void forget() {
        waiting.clear();
        bytesWaiting = 0;
        taken.clear();
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

    /** The whole blocks that a run could take; not during a run. */
    int blocks() {
        long bytes = begun.position() + bytesWaiting;
        return (int) Math.min(Integer.MAX_VALUE, bytes / Md5Block.BYTES);
    }

    /** A run begins that takes the next {@code blocks} blocks. */
    void begin(int blocks) {
        running = true;
        long needed = (long) blocks * Md5Block.BYTES - begun.position();
        while (needed > 0) {
            ByteBuffer first = waiting.getFirst();
            int count = (int) Math.min(needed, first.remaining());
            taken.add(first.slice(first.position(), count));
            first.position(first.position() + count);
            needed -= count;
            bytesWaiting -= count;
            if (!first.hasRemaining()) {
                waiting.removeFirst();
            }
        }
    }

    /** A run ended, by {@code fault} if it is not null: then the state is worth nothing. */
    void end(@Nullable Throwable fault) {
        running = false;
        failure = failure == null ? fault : failure;
    }

    /** Copies what is left, less than a block, so that no piece is in use; not during a run. */
    void keepRest() {
        waiting.forEach(begun::put);
        waiting.clear();
        bytesWaiting = 0;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    int[] state() {
        return state;
    }

    @Override
    public void take(int blocks, int[] words, int at) {
        int to = at;
        for (int left = blocks; left > 0; ) {
            ByteBuffer first = taken.peekFirst();
            boolean whole =
                    first != null && begun.position() == 0 && first.remaining() >= Md5Block.BYTES;
            int count = whole ? Math.min(left, first.remaining() / Md5Block.BYTES) : 1;
            copy(whole ? first : joined(), words, to, count);
            begun.clear();
            dropEmpty();
            left -= count;
            to += count * Md5Block.WORDS;
        }
    }

    /** The block whose bytes lie in several pieces. */
    private ByteBuffer joined() {
        while (begun.hasRemaining()) {
            ByteBuffer first = taken.getFirst();
            int count = Math.min(begun.remaining(), first.remaining());
            begun.put(first.slice(first.position(), count));
            first.position(first.position() + count);
            dropEmpty();
        }
        return begun.flip();
    }

    private void dropEmpty() {
        while (!taken.isEmpty() && !taken.getFirst().hasRemaining()) {
            taken.removeFirst();
        }
    }

    private static void copy(ByteBuffer from, int[] words, int to, int blocks) {
        // The view is of whole words from here on, and the order is that of MD5.
        from.slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(words, to, blocks * Md5Block.WORDS);
        from.position(from.position() + blocks * Md5Block.BYTES);
    }

    /** Digests blocks of the run, one after the other. */
    void advance(int blocks) {
        int[] words = new int[Math.min(blocks, COPIED) * Md5Block.WORDS];
        for (int left = blocks; left > 0; left -= COPIED) {
            int count = Math.min(left, COPIED);
            take(count, words, 0);
            for (int i = 0; i < count; i++) {
                Md5Block.compress(state, words, i * Md5Block.WORDS);
            }
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
        int[] words = new int[Md5Block.WORDS];
        copy(begun.flip(), words, 0, 1);
        begun.clear();
        Md5Block.compress(state, words, 0);
    }
}
