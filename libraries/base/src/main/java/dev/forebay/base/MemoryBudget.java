package dev.forebay.base;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The direct memory that the transfers of a process share: a number of bytes to be claimed before
 * they are used, and the pieces of memory that a claim may take.
 *
 * <p><b>Use.</b> Claim {@link #roomFor} of the bytes that will be held at one time, take pieces for
 * them, give every piece back, and release the claim. What is held must never exceed what is
 * claimed. A user that has nothing yet claims with {@link #claimFirst} or {@link #awaitFirst}; a
 * user that wants more, to be faster, claims with {@link #claim} and goes on with less if that is
 * refused. A server claims the room of a request's buffer before it reads the body.
 *
 * <p><b>Guarantee.</b> Claims together never exceed the total. Pieces are used again; the pieces
 * that exist, in use or free, never exceed the total either, so no {@link OutOfMemoryError} comes
 * from here unless other code uses the direct memory that was left to it. A quarter of the total,
 * at most 64 MiB, is kept for first claims.
 *
 * <p><b>Limit.</b> A waiting first claim is served when it fits, in no order.
 *
 * <p>Safe for use by many threads. Only {@link #awaitFirst} blocks.
 */
public final class MemoryBudget {
    /** The bytes of a piece, unless less is needed. */
    public static final int LARGEST_PIECE = 256 * 1024;

    /**
     * The system property that holds the JVM's limit of direct memory in bytes. Asking the JVM
     * takes 50 ms, so a launcher that sets {@code -XX:MaxDirectMemorySize} sets this as well.
     */
    public static final String LIMIT_PROPERTY = "forebay.memory.direct";

    /** The system property that names the setting to raise, for messages. */
    public static final String SETTING_PROPERTY = "forebay.memory.setting";

    private static final int SMALLEST_PIECE = 4 * 1024;
    private static final int SIZES = 7;
    private static final long MOST_LEFT = 64L << 20;

    private final long total;
    private final long leftForFirst;
    private final String setting;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();

    @GuardedBy("lock")
    private long claimed;

    /** Bytes of all pieces, taken or free. */
    @GuardedBy("lock")
    private long existing;

    /** Free pieces by size: 4 KiB, 8 KiB, ... 256 KiB. */
    @GuardedBy("lock")
    private final List<Deque<ByteBuffer>> free = new ArrayList<>();

    private MemoryBudget(long total, String setting) {
        this.total = total;
        this.leftForFirst = Math.min(total / 4, MOST_LEFT);
        this.setting = setting;
        for (int i = 0; i < SIZES; i++) {
            free.add(new ArrayDeque<>());
        }
    }

    /**
     * {@return the budget of this process: the JVM's limit of direct memory, less a quarter of it,
     * at most 64 MiB, for all other uses}
     */
    public static MemoryBudget ofProcess() {
        return OfProcess.BUDGET;
    }

    /**
     * A budget of its own.
     *
     * @param total all that can be claimed
     * @param setting what messages say should be raised
     * @return a budget of which nothing is claimed
     */
    public static MemoryBudget of(ByteSize total, String setting) {
        return new MemoryBudget(total.bytes(), setting);
    }

    private static final class OfProcess {
        static final MemoryBudget BUDGET = ofLimit(limit());

        private static MemoryBudget ofLimit(long limit) {
            return new MemoryBudget(
                    limit - Math.min(limit / 4, MOST_LEFT),
                    System.getProperty(SETTING_PROPERTY, "-XX:MaxDirectMemorySize"));
        }

        private static long limit() {
            long told = Long.getLong(LIMIT_PROPERTY, 0);
            if (told > 0) {
                return told;
            }
            long asked =
                    Long.parseLong(
                            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                                    .getVMOption("MaxDirectMemorySize")
                                    .getValue());
            // Unset, it is the limit of the heap.
            return asked > 0 ? asked : Runtime.getRuntime().maxMemory();
        }
    }

    /**
     * What {@code bytes} take in pieces: whole ones, and the smallest that holds the rest.
     *
     * @param bytes 0 or more
     * @return bytes, at least as many
     */
    public static long roomFor(long bytes) {
        long rest = bytes % LARGEST_PIECE;
        return bytes - rest + (rest == 0 ? 0 : sizeFor((int) rest));
    }

    private static int sizeFor(int bytes) {
        int needed = Math.clamp(bytes, SMALLEST_PIECE, LARGEST_PIECE);
        int power = Integer.highestOneBit(needed);
        return power == needed ? needed : power << 1;
    }

    @GuardedBy("lock")
    private Deque<ByteBuffer> freeOf(int size) {
        return free.get(
                Integer.numberOfTrailingZeros(size)
                        - Integer.numberOfTrailingZeros(SMALLEST_PIECE));
    }

    /** {@return all that can be claimed} */
    public ByteSize total() {
        return ByteSize.of(total);
    }

    /** {@return what is claimed now} */
    public ByteSize claimed() {
        lock.lock();
        try {
            return ByteSize.of(claimed);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Claims more for a user that can go on without it; false if there is not enough.
     *
     * @param bytes how many, 0 or more
     * @return true if they are claimed
     */
    public boolean claim(long bytes) {
        return claim(bytes, total - leftForFirst);
    }

    /**
     * Claims what a user cannot do without; false if there is not enough now.
     *
     * @param bytes how many, 0 or more
     * @return true if they are claimed
     */
    public boolean claimFirst(long bytes) {
        return claim(bytes, total);
    }

    private boolean claim(long bytes, long most) {
        lock.lock();
        try {
            if (bytes > most - claimed) {
                return false;
            }
            claimed += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The same, waiting at most {@code patience} for other users to release theirs.
     *
     * @param what needs the memory, such as {@code a block of 4 MiB}
     * @param bytes how many, 0 or more
     * @param clock measures the patience
     * @param patience from now on
     * @throws NotEnoughMemoryException at once if it is more than the total, or when the time is
     *     over
     * @throws InterruptedException if the thread is interrupted while it waits; nothing is claimed
     */
    public void awaitFirst(String what, long bytes, Clock clock, Duration patience)
            throws InterruptedException {
        long deadline = clock.deadline(patience);
        lock.lockInterruptibly();
        try {
            while (!claimFirst(bytes)) {
                if (bytes > total) {
                    throw notEnough(what, bytes, "%s is all there is".formatted(total()));
                }
                if (deadline - clock.nanos() <= 0) {
                    throw notEnough(
                            what,
                            bytes,
                            "of %s other transfers held %s for %d s"
                                    .formatted(total(), claimed(), patience.toSeconds()));
                }
                clock.await(lock, released, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    private NotEnoughMemoryException notEnough(String what, long bytes, String found) {
        return new NotEnoughMemoryException(
                "not enough memory for %s: it needs %s, and %s; raise %s or use smaller blocks"
                        .formatted(what, ByteSize.of(bytes), found, setting));
    }

    /**
     * Gives claimed bytes back.
     *
     * @param bytes as many as were claimed
     */
    public void release(long bytes) {
        lock.lock();
        try {
            if (bytes < 0 || bytes > claimed) {
                throw new IllegalStateException(
                        "released %d bytes of %d claimed".formatted(bytes, claimed));
            }
            claimed -= bytes;
            released.signalAll();
            if (claimed == 0) {
                shrink(MOST_LEFT);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A piece of claimed memory, empty, of at least {@code size} bytes or, if that is less, of
     * {@link #LARGEST_PIECE}.
     *
     * @param size in bytes, 1 or more
     * @return a direct buffer, to be given back
     * @throws NotEnoughMemoryException if other code of the process has used up the direct memory
     * @throws IllegalStateException if more is taken than was claimed
     */
    public ByteBuffer piece(int size) {
        int capacity = sizeFor(size);
        lock.lock();
        try {
            ByteBuffer piece = freeOf(capacity).pollLast();
            if (piece != null) {
                return piece;
            }
            shrink(total - capacity);
            if (existing > total - capacity) {
                throw new IllegalStateException(
                        "pieces of %d bytes are out, %d are claimed, and another of %d is taken"
                                .formatted(existing, claimed, capacity));
            }
            existing += capacity;
        } finally {
            lock.unlock();
        }
        return allocated(capacity);
    }

    private ByteBuffer allocated(int capacity) {
        boolean done = false;
        try {
            ByteBuffer piece = ByteBuffer.allocateDirect(capacity);
            done = true;
            return piece;
        } catch (OutOfMemoryError e) {
            NotEnoughMemoryException refused =
                    notEnough(
                            "a piece of a block",
                            capacity,
                            "other code of this process uses memory of the %s that are set aside"
                                    .formatted(total()));
            refused.initCause(e);
            throw refused;
        } finally {
            if (!done) {
                lock.lock();
                try {
                    existing -= capacity;
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /** Lets free pieces go, the largest first, until at most {@code most} bytes exist. */
    @GuardedBy("lock")
    private void shrink(long most) {
        for (int size = LARGEST_PIECE; size >= SMALLEST_PIECE; size >>= 1) {
            while (existing > most && freeOf(size).pollFirst() != null) {
                existing -= size;
            }
        }
    }

    /**
     * Takes the room of a piece back, but not the piece, which other code may still read; it is
     * left to the garbage collector.
     *
     * @param piece one that {@link #piece} gave
     */
    public void abandon(ByteBuffer piece) {
        lock.lock();
        try {
            existing -= piece.capacity();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a piece back; nothing uses it any more.
     *
     * @param piece one that {@link #piece} gave
     */
    public void give(ByteBuffer piece) {
        lock.lock();
        try {
            freeOf(piece.capacity()).addLast(piece.clear());
        } finally {
            lock.unlock();
        }
    }
}
