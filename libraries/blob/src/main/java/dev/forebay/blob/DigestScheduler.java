package dev.forebay.blob;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Puts bodies that are in hand at the same time into the lanes of one {@link Md5Lanes}.
 *
 * <p><b>Guarantee.</b> A thread that needs a digest begins a run at once where each body can have a
 * processor of its own. With more bodies than processors it waits for others while pieces come, at
 * most {@link #PATIENCE} times as long as its digest alone would take, and {@link #LONGEST_WAIT}.
 * It may then wait for a run to end; a run has {@link #LONGEST} blocks at most. Whatever a run
 * throws fails the digests that it had, and their threads.
 *
 * <p><b>How.</b> There is no thread of its own. The thread that needs a digest runs its body and
 * takes along up to fifteen others, also those whose digests are not needed yet: their lanes cost
 * nothing. While sixteen bodies arrive side by side, each is digested nearly to its end when its
 * last byte comes, most in full vectors. Where too few are in hand, the body is digested alone.
 *
 * <p><b>Why it waits.</b> A run takes as long with four bodies as with sixteen, and a body alone
 * five times its share of a full one. With fewer processors than bodies the time that a thread
 * waits is not lost: others read their bodies, which are in hand then. A virtual thread lets those
 * run first that could run now. Then it waits until there are bodies for half of the lanes, or
 * until no piece has come for {@link #QUIET}: while pieces come, more are on their way. With half
 * of the lanes full it waits no longer: among eight bodies a body costs a third of what it costs
 * alone, among sixteen a fifth, and a wait for that difference leaves processors idle.
 *
 * <p>Safe for use by many threads. The lock is not held during a run.
 */
final class DigestScheduler {
    /** The blocks of a run, at most: 256 KiB a lane, one or two milliseconds. */
    static final int LONGEST = 4096;

    /** So few blocks are digested at once, by the thread that needs them. */
    static final int FEW = 64;

    /** What a block takes about, digested alone. */
    private static final long ALONE_NANOS = 80;

    /** A body waits for others this many times as long as its digest alone takes. */
    static final int PATIENCE = 4;

    /** A body waits for others so long at most, in nanoseconds. */
    static final long LONGEST_WAIT = 20_000_000;

    /** If no piece comes for so long, in nanoseconds, no other body is expected. */
    static final long QUIET = 3_000_000;

    private final Md5Lanes lanes;
    private final int processors;
    private final Clock clock;

    /**
     * The number of bodies in hand from which on a thread does not wait for more: half of the
     * lanes.
     */
    private final int enough;

    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when a run ends, and when {@link #enough} bodies are in hand. */
    private final Condition moved = lock.newCondition();

    /** Bodies that have begun and not ended. */
    @GuardedBy("lock")
    private int bodies;

    /** Pieces that were added to any body. */
    @GuardedBy("lock")
    private long pieces;

    /** Bodies with bytes to digest, in the order in which they came. */
    @GuardedBy("lock")
    private final Set<Lane> inHand = new LinkedHashSet<>();

    @GuardedBy("lock")
    private int runs;

    /** Half of the processors digest at a time. */
    DigestScheduler(Md5Lanes lanes, int processors, Clock clock) {
        this.lanes = lanes;
        this.processors = processors;
        this.clock = clock;
        this.enough = lanes.count() / 2;
    }

    /** A body begins, which ends with {@link #drop}. */
    void begin() {
        lock.lock();
        try {
            bodies++;
        } finally {
            lock.unlock();
        }
    }

    void add(Lane lane, ByteBuffer piece) {
        lock.lock();
        try {
            lane.add(piece);
            pieces++;
            if (inHand.add(lane) && inHand.size() == enough) {
                moved.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns when all that was added to {@code lane} is digested. */
    void settle(Lane lane) {
        letOthersCome(lane);
        for (Run run = next(lane); run != null; run = next(lane)) {
            Throwable fault = null;
            try {
                run.advance(lanes);
            } catch (Throwable e) {
                // The thread of each body in the run throws it, this one in its next turn.
                fault = e;
            } finally {
                end(run, fault);
            }
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // Nothing but the time that it takes depends on it.
    private void letOthersCome(Lane lane) {
        lock.lock();
        try {
            if (!lacksCompany(lane)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        if (Thread.currentThread().isVirtual()) {
            Thread.yield();
        }
        lock.lock();
        try {
            awaitOthers(lane);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The digest is made all the same, now.
        } finally {
            lock.unlock();
        }
    }

    /** Whether a run now would fill less than half of the lanes, and is long enough to matter. */
    @GuardedBy("lock")
    private boolean lacksCompany(Lane lane) {
        return inHand.size() < enough && !lane.isRunning() && lane.blocks() > FEW;
    }

    @GuardedBy("lock")
    private void awaitOthers(Lane lane) throws InterruptedException {
        long patience = PATIENCE * ALONE_NANOS * lane.blocks();
        long latest = clock.nanos() + Math.min(patience, LONGEST_WAIT);
        long until = quiet(latest);
        long seen = pieces;
        while (bodies > processors && lacksCompany(lane)) {
            clock.await(lock, moved, until);
            if (until - clock.nanos() > 0) {
                continue; // It was woken, and looks again.
            }
            if (pieces == seen || until == latest) {
                return;
            }
            seen = pieces;
            until = quiet(latest);
        }
    }

    /** When it is known that none comes, or {@code latest}. */
    private long quiet(long latest) {
        long end = clock.nanos() + QUIET;
        return end - latest < 0 ? end : latest;
    }

    /** Waits until {@code lane} may run, and begins that run; null if nothing is left to do. */
    private @Nullable Run next(Lane lane) {
        lock.lock();
        try {
            lane.setAwaited(true);
            while (true) {
                if (lane.failure() != null) {
                    inHand.remove(lane);
                    throw new IllegalStateException("a digest failed", lane.failure());
                }
                int blocks = lane.isRunning() ? 0 : lane.blocks();
                if (blocks > 0 && (blocks <= FEW || runs < Math.max(1, processors / 2))) {
                    return begin(lane, blocks);
                }
                if (blocks == 0 && !lane.isRunning()) {
                    lane.keepRest();
                    lane.setAwaited(false);
                    inHand.remove(lane);
                    return null;
                }
                moved.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Run begin(Lane first, int blocks) {
        Run run = chosen(first, Math.min(blocks, LONGEST));
        run.lanes().forEach(lane -> lane.begin(run.blocks()));
        runs++;
        return run;
    }

    /** Others come along if they shorten the run to a quarter at most. */
    @GuardedBy("lock")
    private Run chosen(Lane first, int blocks) {
        if (blocks <= FEW) {
            return new Run(List.of(first), blocks);
        }
        List<Lane> others = new ArrayList<>();
        for (Lane other : inHand) {
            if (other != first && !other.isRunning() && other.blocks() >= blocks / 4) {
                others.add(other);
            }
        }
        if (others.size() + 1 < lanes.worthwhile()) {
            return new Run(List.of(first), blocks);
        }
        others.sort(Comparator.comparing(Lane::isAwaited).reversed());
        List<Lane> chosen = new ArrayList<>();
        chosen.add(first);
        int shortest = blocks;
        for (Lane other : others.subList(0, Math.min(others.size(), lanes.count() - 1))) {
            chosen.add(other);
            shortest = Math.min(shortest, other.blocks());
        }
        return new Run(chosen, shortest);
    }

    private void end(Run run, @Nullable Throwable fault) {
        lock.lock();
        try {
            runs--;
            run.lanes().forEach(lane -> lane.end(fault));
        } finally {
            moved.signalAll();
            lock.unlock();
        }
    }

    void drop(Lane lane) {
        lock.lock();
        try {
            bodies--;
            inHand.remove(lane);
            while (lane.isRunning()) {
                moved.awaitUninterruptibly();
            }
            lane.forget();
        } finally {
            lock.unlock();
        }
    }

    /** Bodies that are advanced together, by as many blocks each. */
    private record Run(List<Lane> lanes, int blocks) {
        void advance(Md5Lanes vectors) {
            if (lanes.size() == 1) {
                lanes.getFirst().advance(blocks);
                return;
            }
            int[][] states = lanes.stream().map(Lane::state).toArray(int[][]::new);
            Md5Lanes.Source[] bodies = lanes.toArray(Md5Lanes.Source[]::new);
            vectors.advance(states, bodies, lanes.size(), blocks);
        }
    }
}
