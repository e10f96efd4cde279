package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands the bytes of an ephemeral buffer from one thread to another: from a client to a program, or
 * back. Nothing is stored.
 *
 * <pre>
 *  sender:    claimSending, send*, end          receiver:  claimReceiving, next* until null
 *             failed: fail                                  gone: leave, or fail
 *                      the run: hurry when its program has ended, abandon if that was no success,
 *                               settle when the run has ended
 * </pre>
 *
 * <p><b>Guarantee.</b> Bytes arrive once and in order. The receiver sees the end only after {@link
 * #end}, or after the run has succeeded; whatever fails on one side, or ends the run otherwise,
 * fails on the other. {@link #send} returns when the receiver is done with the bytes.
 *
 * <p><b>Limit.</b> One sender and one receiver, once. No byte is held here: the sender's buffer is
 * the only memory. Bytes have no digest.
 *
 * <p>Safe for use by many threads. Only {@link #send}, {@link #awaitReceiver}, {@link #next} and
 * {@link #awaitSettled} block.
 */
public final class Relay {
    /** How long a receiver may stand still once the program has ended. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What a sender hands over at a time, at most. */
    public static final int PIECE = 64 << 10;

    private static final String NO_SUCCESS = "the run has not succeeded";

    private final Direction direction;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private boolean sending;

    @GuardedBy("lock")
    private boolean receiving;

    /** What the receiver is to take, until it is done with it. */
    @GuardedBy("lock")
    private @Nullable ByteBuffer offered;

    /** The receiver has {@link #offered}. */
    @GuardedBy("lock")
    private boolean taken;

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private boolean left;

    @GuardedBy("lock")
    private boolean hurried;

    @GuardedBy("lock")
    private long hurriedAt;

    @GuardedBy("lock")
    private @Nullable String failure;

    /** Whether the run has succeeded; null while that is open. */
    @GuardedBy("lock")
    private @Nullable Boolean settled;

    /**
     * A relay without a sender and a receiver.
     *
     * @param direction whether the program reads from it or writes to it
     * @param clock measures how long one side waits for the other
     */
    public Relay(Direction direction, Clock clock) {
        this.direction = direction;
        this.clock = clock;
    }

    /**
     * Whether the program reads from it or writes to it.
     *
     * @return the direction as the program sees it
     */
    public Direction direction() {
        return direction;
    }

    /**
     * False if there is a sender, or was.
     *
     * @return whether the caller is the sender now
     */
    public boolean claimSending() {
        lock.lock();
        try {
            boolean first = !sending;
            sending = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    /**
     * False if there is a receiver, or was.
     *
     * @return whether the caller is the receiver now
     */
    public boolean claimReceiving() {
        lock.lock();
        try {
            boolean first = !receiving;
            receiving = true;
            changed.signalAll();
            return first;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands bytes over. Blocks until the receiver is done with them, and then they are consumed.
     *
     * @param bytes from their position on
     * @return false if the receiver has left, and they are dropped
     * @throws RelayException if the transfer has failed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public boolean send(ByteBuffer bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            offered = bytes;
            taken = false;
            changed.signalAll();
            try {
                awaitTaken();
            } finally {
                offered = null;
            }
            bytes.position(bytes.limit());
            return !left;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void awaitTaken() throws InterruptedException {
        long since = clock.nanos();
        while (offered != null && !left && failure == null) {
            if (hurried) {
                clock.await(lock, changed, deadline(since));
            } else {
                changed.await();
            }
        }
        check();
    }

    /**
     * Waits until there is a receiver.
     *
     * @throws RelayException if none comes within {@link #PATIENCE} of the end of the program
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public void awaitReceiver() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long since = clock.nanos();
            while (!receiving) {
                check();
                if (hurried) {
                    clock.await(lock, changed, deadline(since));
                } else {
                    changed.await();
                }
            }
            check();
        } finally {
            lock.unlock();
        }
    }

    /** Until when a wait since then goes on, once the program has ended. */
    @GuardedBy("lock")
    private long deadline(long since) {
        long deadline = (hurriedAt - since > 0 ? hurriedAt : since) + PATIENCE.toNanos();
        if (deadline - clock.nanos() <= 0) {
            throw new RelayException(
                    "no client took it within %d s of the end of the program"
                            .formatted(PATIENCE.toSeconds()));
        }
        return deadline;
    }

    @GuardedBy("lock")
    private void check() {
        if (failure != null) {
            throw new RelayException(failure);
        }
    }

    /** The sender has sent everything. */
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The receiver takes no more: what is sent from now on is dropped. */
    public void leave() {
        lock.lock();
        try {
            left = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * One side has failed, and the other does. Without effect after the end.
     *
     * @param reason for the messages of both sides
     */
    public void fail(String reason) {
        lock.lock();
        try {
            setFailure(reason);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void setFailure(String reason) {
        if (failure == null && !ended) {
            failure = reason;
        }
    }

    /** The program has ended, so the receiver must go on within {@link #PATIENCE}. */
    public void hurry() {
        lock.lock();
        try {
            hurried = true;
            hurriedAt = clock.nanos();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The run cannot succeed any more, so a receiver that has not come is not waited for.
     *
     * @param atOnce nor is one that is there: what it has not taken is dropped
     */
    public void abandon(boolean atOnce) {
        lock.lock();
        try {
            if (atOnce || !receiving) {
                setFailure(NO_SUCCESS);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The run has ended; a second call has no effect.
     *
     * @param succeeded whether the run has
     */
    public void settle(boolean succeeded) {
        lock.lock();
        try {
            if (settled == null) {
                settled = succeeded;
                left = true;
                if (succeeded) {
                    ended = true;
                } else {
                    setFailure(NO_SUCCESS);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next bytes; the receiver is done with those before. Blocks.
     *
     * @return null at the end
     * @throws RelayException if the transfer has failed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public @Nullable ByteBuffer next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (taken) {
                taken = false;
                offered = null;
                changed.signalAll();
            }
            while (offered == null && !ended && failure == null) {
                changed.await();
            }
            check();
            taken = offered != null;
            return offered;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the end of the run.
     *
     * @return whether it has succeeded
     * @throws RelayException if the transfer has failed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public boolean awaitSettled() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (settled == null) {
                check();
                changed.await();
            }
            return settled;
        } finally {
            lock.unlock();
        }
    }
}
