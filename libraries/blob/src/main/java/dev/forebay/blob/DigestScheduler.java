package dev.forebay.blob;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
 * <p><b>Guarantee.</b> A body is never made to wait for another one to come: a thread that needs a
 * digest begins a run at once unless there are enough runs already, of which each ends within
 * {@link #LONGEST} blocks. Whatever a run throws fails the digests that it had, and their threads.
 *
 * <p><b>How.</b> There is no thread of its own. The thread that needs a digest runs its body and
 * takes along up to fifteen others, also those whose digests are not needed yet: their lanes cost
 * nothing. While sixteen bodies arrive side by side, each is digested nearly to its end when its
 * last byte comes, always in full vectors. Where too few are in hand, the body is digested alone.
 *
 * <p>A virtual thread first lets the threads run that could run now: what they have to read lies in
 * their sockets, and then in hand. Without that, a server on two cores reads one body to its end,
 * digests it alone, and only then begins with the next.
 *
 * <p>Safe for use by many threads. The lock is not held during a run.
 */
final class DigestScheduler {
    /** The blocks of a run, at most: 256 KiB a lane, one or two milliseconds. */
    static final int LONGEST = 4096;

    /** So few blocks are digested at once, by the thread that needs them. */
    static final int FEW = 64;

    private final Md5Lanes lanes;
    private final int most;
    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when a run ends. */
    private final Condition ended = lock.newCondition();

    /** Bodies with bytes to digest, in the order in which they came. */
    @GuardedBy("lock")
    private final Set<Lane> inHand = new LinkedHashSet<>();

    @GuardedBy("lock")
    private int runs;

    /** One that makes {@code most} runs at a time. */
    DigestScheduler(Md5Lanes lanes, int most) {
        this.lanes = lanes;
        this.most = most;
    }

    void add(Lane lane, ByteBuffer piece) {
        lock.lock();
        try {
            lane.add(piece);
            inHand.add(lane);
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
        if (Thread.currentThread().isVirtual() && lacksCompany(lane)) {
            Thread.yield();
        }
    }

    /** Whether the lanes would not be full, and it matters. */
    private boolean lacksCompany(Lane lane) {
        lock.lock();
        try {
            return inHand.size() < lanes.count() && !lane.isRunning() && lane.blocks() > FEW;
        } finally {
            lock.unlock();
        }
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
                if (blocks > 0 && (blocks <= FEW || runs < most)) {
                    return begin(lane, blocks);
                }
                if (blocks == 0 && !lane.isRunning()) {
                    lane.keepRest();
                    lane.setAwaited(false);
                    inHand.remove(lane);
                    return null;
                }
                ended.awaitUninterruptibly();
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
            ended.signalAll();
            lock.unlock();
        }
    }

    void drop(Lane lane) {
        lock.lock();
        try {
            inHand.remove(lane);
            while (lane.isRunning()) {
                ended.awaitUninterruptibly();
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
