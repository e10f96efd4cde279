package dev.forebay.stream;

import dev.forebay.base.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the input into blocks and hands them out in order.
 *
 * <p><b>Guarantee.</b> No byte is lost, doubled or moved; no block is empty but the last; a block
 * is closed when it is full or {@code flush} after its first byte, whatever the uploads do. Blocks
 * have the memory of {@code most} full ones at most, counting the open one, those that wait and
 * those that are being uploaded: then the input is not read on. A block that time closed when it
 * was at most half full has memory of its own size, so that a trickle is taken in for long while
 * the uploads stand still.
 *
 * <p><b>Limit.</b> However small, a block counts as a sixteenth of a full one, for what it needs
 * beside its bytes; and where full blocks have all the memory already, a small one takes the place
 * of one of them.
 *
 * <p>One thread feeds, one runs {@link #closeByTime}, any number take.
 */
final class BlockQueue {
    /** What a read takes at once when a block may be closed while the read is waiting. */
    private static final int PIECE = 256 * 1024;

    /** The part of a full block that a small one counts as, at least. */
    private static final int SMALLEST = 16;

    private final Clock clock;
    private final int blockSize;
    private final int most;
    private final long flushNanos;

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition memoryFreed = lock.newCondition();
    private final Condition blockClosed = lock.newCondition();
    private final Condition blockOpened = lock.newCondition();
    private final Deque<ByteBuffer> free = new ArrayDeque<>();
    private final Deque<Block> closed = new ArrayDeque<>();

    /** How many buffers of a full block there are, free ones included. */
    private int allocated;

    /** What small blocks count as. */
    private long small;

    private @Nullable ByteBuffer open;
    private long openSince;
    private boolean ended;
    private boolean stopped;
    private CompletableFuture<String> lastChain =
            CompletableFuture.completedFuture(HashChain.START);
    private long count;
    private long bytes;
    private long firstSize;
    private boolean uniform = true;
    private long lastSize;

    BlockQueue(Clock clock, int blockSize, int most, long flushNanos) {
        this.clock = clock;
        this.blockSize = blockSize;
        this.most = most;
        this.flushNanos = flushNanos;
    }

    /** Reads the input to its end or until the queue is stopped; on the feeding thread. */
    void feed(ReadableByteChannel input) throws IOException, InterruptedException {
        if (flushNanos == 0) {
            // Nobody closes a block but this thread, so bytes go straight into it.
            while (true) {
                ByteBuffer target = opened();
                if (target == null) {
                    return;
                }
                if (input.read(target) < 0) {
                    break;
                }
                closeIfFull(target);
            }
        } else {
            ByteBuffer piece = ByteBuffer.allocateDirect(Math.min(PIECE, blockSize));
            while (input.read(piece.clear()) >= 0) {
                piece.flip();
                while (piece.hasRemaining()) {
                    if (!add(piece)) {
                        return;
                    }
                }
            }
        }
        end();
    }

    /** The open block, opening one when there is memory; null when stopped. */
    private @Nullable ByteBuffer opened() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (open == null && !stopped && free.isEmpty() && !fits(blockSize)) {
                memoryFreed.await();
            }
            if (stopped) {
                return null;
            }
            if (open == null) {
                open = free.pollLast();
            }
            if (open == null) {
                open = ByteBuffer.allocateDirect(blockSize);
                allocated++;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    private boolean fits(long more) {
        return (long) allocated * blockSize + small + more <= (long) most * blockSize;
    }

    /** What a block of so many bytes counts as in memory of its own. */
    private long weight(int size) {
        return Math.max(size, Math.ceilDiv(blockSize, SMALLEST));
    }

    private boolean add(ByteBuffer piece) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            ByteBuffer target = opened();
            if (target == null) {
                return false;
            }
            if (target.position() == 0) {
                openSince = clock.nanos();
                blockOpened.signalAll();
            }
            int length = Math.min(piece.remaining(), target.remaining());
            target.put(piece.slice().limit(length));
            piece.position(piece.position() + length);
            closeIfFull(target);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void closeIfFull(ByteBuffer block) {
        if (!block.hasRemaining()) {
            lock.lock();
            try {
                close();
            } finally {
                lock.unlock();
            }
        }
    }

    /** With the lock held: hands the open block on, if it has a byte. */
    private void close() {
        ByteBuffer block = open;
        if (block != null && block.position() > 0) {
            open = null;
            handOn(block.flip());
        }
    }

    /** With the lock held: the same, in memory of its own size if that saves some. */
    private void closeEarly() {
        ByteBuffer block = open;
        if (block == null || block.position() > blockSize / 2 || !fits(weight(block.position()))) {
            close();
            return;
        }
        ByteBuffer own = ByteBuffer.allocate(block.position());
        own.put(block.flip()).flip();
        small += weight(own.capacity());
        block.clear(); // And stays open.
        handOn(own);
    }

    private void handOn(ByteBuffer body) {
        int size = body.remaining();
        // All but the last are equal, and the last is not larger.
        uniform &= count == 0 || lastSize == firstSize && size <= firstSize;
        firstSize = count == 0 ? size : firstSize;
        lastSize = size;
        bytes += size;
        enqueue(body);
        count++;
    }

    private void enqueue(ByteBuffer body) {
        CompletableFuture<String> chain = new CompletableFuture<>();
        closed.add(new Block(count, body, lastChain, chain));
        lastChain = chain;
        blockClosed.signalAll();
    }

    private void end() {
        lock.lock();
        try {
            close();
            enqueue(ByteBuffer.allocate(0));
            ended = true;
            blockClosed.signalAll();
            blockOpened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Closes blocks whose time has come, until the end; returns at once if time closes none. */
    void closeByTime() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (flushNanos > 0 && !ended && !stopped) {
                if (open == null || open.position() == 0) {
                    blockOpened.await();
                } else if (openSince + flushNanos - clock.nanos() <= 0) {
                    closeEarly();
                } else {
                    clock.await(lock, blockOpened, openSince + flushNanos);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next block in order, waiting for it; null when there are no more or all is stopped. */
    @Nullable Block take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (closed.isEmpty() && !ended && !stopped) {
                blockClosed.await();
            }
            return stopped ? null : closed.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Gives the memory of a block back. */
    void release(Block block) {
        int capacity = block.body().capacity();
        if (capacity == 0) {
            return;
        }
        lock.lock();
        try {
            if (capacity < blockSize) {
                small -= weight(capacity);
            } else {
                free.add(block.body().clear());
            }
            memoryFreed.signal();
        } finally {
            lock.unlock();
        }
    }

    void stop() {
        lock.lock();
        try {
            stopped = true;
            memoryFreed.signalAll();
            blockClosed.signalAll();
            blockOpened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The memory of all blocks, as it is counted. */
    long memory() {
        lock.lock();
        try {
            return (long) allocated * blockSize + small;
        } finally {
            lock.unlock();
        }
    }

    /** What the end marker says, once the input has ended. */
    EndMarker summary() {
        lock.lock();
        try {
            OptionalLong blobSize =
                    count > 0 && uniform ? OptionalLong.of(firstSize) : OptionalLong.empty();
            return EndMarker.complete(count, blobSize, bytes, lastChain.join());
        } finally {
            lock.unlock();
        }
    }
}
