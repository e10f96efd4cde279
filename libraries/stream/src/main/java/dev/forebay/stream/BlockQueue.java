package dev.forebay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.Md5;
import dev.forebay.blob.SmallBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
 * that are open, closed and being uploaded take the memory of {@code most} full ones at most, or 1
 * MiB if that is more, and what the budget has: then the input is not read on. A block that time
 * closed takes at most twice its own size, 4 KiB at least, so that a trickle is taken in for long
 * while the uploads stand still.
 *
 * <p><b>Memory.</b> The queue owns a claim for one full block, {@link #firstClaim}, which its
 * creator has made, so that it always gets on; it claims more while there is more, and releases
 * what it does not use. Memory that the feeding thread or an upload still uses when the queue is
 * stopped is given back by that thread.
 *
 * <p><b>Threads.</b> One thread feeds, one runs {@link #closeByTime}, any number take. All state is
 * guarded by one lock, which is not held while the input is read.
 */
final class BlockQueue {
    /** What one read takes when a block may be closed while the read waits. */
    private static final int PIECE = MemoryBudget.LARGEST_PIECE;

    /**
     * A block of at most this many bytes is digested when it is closed: to hand the chain's value
     * from one upload to the next would cost more.
     */
    private static final int SMALL = SmallBlob.LARGEST;

    /** Memory of small blocks, so that there are enough to put together. */
    private static final long ROOM_OF_SMALL = 1 << 20;

    private final Clock clock;
    private final MemoryBudget budget;
    private final int blockSize;
    private final long room;
    private final long most;
    private final long flushNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition memoryFreed = lock.newCondition();
    private final Condition blockClosed = lock.newCondition();
    private final Condition blockOpened = lock.newCondition();

    @GuardedBy("lock")
    private final Deque<Block> closed = new ArrayDeque<>();

    /** Bytes claimed for blocks; while the queue runs, at least those of one full block. */
    @GuardedBy("lock")
    private long claimed;

    /** Bytes of memory that blocks have, the open one counted as full. */
    @GuardedBy("lock")
    private long used;

    @GuardedBy("lock")
    private @Nullable Body open;

    @GuardedBy("lock")
    private long openSince;

    /** The claim for the read beside the blocks has a thread that will release it, or none left. */
    @GuardedBy("lock")
    private boolean fed;

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private boolean stopped;

    @GuardedBy("lock")
    private CompletableFuture<String> lastChain =
            CompletableFuture.completedFuture(HashChain.START);

    @GuardedBy("lock")
    private long count;

    @GuardedBy("lock")
    private long bytes;

    @GuardedBy("lock")
    private long firstSize;

    @GuardedBy("lock")
    private boolean uniform = true;

    @GuardedBy("lock")
    private long lastSize;

    /** A queue to which {@link #firstClaim} bytes of the budget belong from now on. */
    BlockQueue(Clock clock, MemoryBudget budget, int blockSize, int most, long flushNanos) {
        this.clock = clock;
        this.budget = budget;
        this.blockSize = blockSize;
        this.room = MemoryBudget.roomFor(blockSize);
        this.most = Math.max(most * room, ROOM_OF_SMALL);
        this.flushNanos = flushNanos;
        this.claimed = room;
    }

    /** What a queue must have: a full block, and what a read takes beside it. */
    static long firstClaim(int blockSize, long flushNanos) {
        return MemoryBudget.roomFor(blockSize) + readClaim(blockSize, flushNanos);
    }

    private static long readClaim(int blockSize, long flushNanos) {
        return flushNanos == 0 ? 0 : MemoryBudget.roomFor(Math.min(PIECE, blockSize));
    }

    /** Reads the input to its end or until the queue is stopped; on the feeding thread. */
    void feed(ReadableByteChannel input) throws IOException, InterruptedException {
        lock.lock();
        try {
            if (fed) {
                return;
            }
            fed = true;
        } finally {
            lock.unlock();
        }
        try {
            boolean whole = flushNanos == 0 ? feedBlocks(input) : feedPieces(input);
            if (whole) {
                end();
            }
        } finally {
            dropOpen();
            budget.release(readClaim(blockSize, flushNanos));
        }
    }

    /** No other thread closes a block, so bytes go straight into it. */
    private boolean feedBlocks(ReadableByteChannel input) throws IOException, InterruptedException {
        while (true) {
            Body target = opened();
            if (target == null) {
                return false;
            }
            if (input.read(target.next()) < 0) {
                return true;
            }
            closeIfFull(target);
        }
    }

    private boolean feedPieces(ReadableByteChannel input) throws IOException, InterruptedException {
        int length = Math.min(PIECE, blockSize);
        ByteBuffer piece = budget.piece(length);
        try {
            while (input.read(piece.clear().limit(length)) >= 0) {
                piece.flip();
                while (piece.hasRemaining()) {
                    if (!add(piece)) {
                        return false;
                    }
                }
            }
            return true;
        } finally {
            budget.give(piece);
        }
    }

    /** The open block, opening one when there is memory; null when stopped. */
    private @Nullable Body opened() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (open == null && !stopped && !mayOpen()) {
                memoryFreed.await();
            }
            if (stopped) {
                return null;
            }
            if (open == null) {
                open = Body.growing(budget, blockSize);
                used += room;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean mayOpen() {
        long more = used + room - claimed;
        if (used + room > most || more > 0 && !budget.claim(more)) {
            return false;
        }
        claimed += Math.max(0, more);
        return true;
    }

    /** Releases what is claimed and not used, but for the claim of one block while it runs. */
    @GuardedBy("lock")
    private void releaseUnused() {
        long kept = stopped ? used : Math.max(used, room);
        budget.release(claimed - kept);
        claimed = kept;
        memoryFreed.signal();
    }

    private boolean add(ByteBuffer piece) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Body body = opened();
            if (body == null) {
                return false;
            }
            if (body.size() == 0) {
                openSince = clock.nanos();
                blockOpened.signalAll();
            }
            ByteBuffer target = body.next();
            int length = Math.min(piece.remaining(), target.remaining());
            target.put(piece.slice(piece.position(), length));
            piece.position(piece.position() + length);
            closeIfFull(body);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void closeIfFull(Body block) {
        if (block.isFull()) {
            lock.lock();
            try {
                close();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Hands the open block on, if it has a byte; it gives back what it does not need. */
    @GuardedBy("lock")
    private void close() {
        Body body = open;
        if (stopped || body == null || body.size() == 0) {
            return;
        }
        open = null;
        used -= room - body.capacity();
        releaseUnused();
        long size = body.size();
        // All but the last are equal, and the last is not larger.
        uniform &= count == 0 || lastSize == firstSize && size <= firstSize;
        firstSize = count == 0 ? size : firstSize;
        lastSize = size;
        enqueue(body, size);
        bytes += size;
        count++;
    }

    @GuardedBy("lock")
    private void enqueue(Body body, long size) {
        body.flip();
        CompletableFuture<String> chain = new CompletableFuture<>();
        Md5 md5 = null;
        if (size <= SMALL) {
            md5 = Md5.of(body.pieces());
            if (lastChain.isDone()) {
                chain.complete(HashChain.next(lastChain.join(), md5));
            }
        }
        closed.add(new Block(count, bytes, body, size, md5, lastChain, chain));
        lastChain = chain;
        blockClosed.signal();
    }

    private void end() {
        lock.lock();
        try {
            if (stopped) {
                return;
            }
            close();
            enqueue(Body.of(budget, 0), 0);
            ended = true;
            blockClosed.signalAll();
            blockOpened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The feeding thread leaves: an open block will not be handed on. */
    private void dropOpen() {
        lock.lock();
        try {
            Body body = open;
            if (body != null) {
                open = null;
                used -= room;
                body.give();
                releaseUnused();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes blocks whose time has come, until the end; returns at once if time closes none. */
    void closeByTime() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (flushNanos > 0 && !ended && !stopped) {
                if (open == null || open.size() == 0) {
                    blockOpened.await();
                } else if (openSince + flushNanos - clock.nanos() <= 0) {
                    close();
                } else {
                    clock.await(lock, blockOpened, openSince + flushNanos);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next blocks in order, waiting for one: up to {@code most} small ones that are there, or
     * one that is larger. None when there are no more or all is stopped.
     */
    List<Block> take(int most) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (closed.isEmpty() && !ended && !stopped) {
                blockClosed.await();
            }
            if (stopped || closed.isEmpty()) {
                return List.of();
            }
            // Nothing takes memory once a block is out: the caller is to release it.
            List<Block> taken = new ArrayList<>(Math.max(1, Math.min(most, closed.size())));
            Block block = closed.remove();
            taken.add(block);
            long sum = block.size();
            boolean small = isSmall(block);
            while (small && taken.size() < most && fits(sum, closed.peek())) {
                block = closed.remove();
                taken.add(block);
                sum += block.size();
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@code next} is small and goes together with blocks of {@code sum} bytes. */
    private static boolean fits(long sum, @Nullable Block next) {
        return next != null && isSmall(next) && sum + next.size() <= SmallBlob.MOST_BYTES;
    }

    private static boolean isSmall(Block block) {
        return block.size() <= SMALL;
    }

    /**
     * Takes the memory of a block back.
     *
     * @param reuse false if a transport may still read it
     */
    void release(Block block, boolean reuse) {
        lock.lock();
        try {
            used -= block.body().capacity();
            if (reuse) {
                block.body().give();
            } else {
                block.body().abandon();
            }
            releaseUnused();
        } finally {
            lock.unlock();
        }
    }

    /** Hands out no more blocks, and gives back the memory of those that were not taken. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            if (!fed) {
                fed = true;
                budget.release(readClaim(blockSize, flushNanos));
            }
            for (Block block = closed.poll(); block != null; block = closed.poll()) {
                used -= block.body().capacity();
                block.body().give();
            }
            releaseUnused();
            memoryFreed.signalAll();
            blockClosed.signalAll();
            blockOpened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The memory of all blocks, the open one counted as full. */
    long memory() {
        lock.lock();
        try {
            return used;
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
