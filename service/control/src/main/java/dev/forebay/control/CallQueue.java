package dev.forebay.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Worker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls on threads of its own, so that an interrupt of a caller never reaches a database
 * driver, which would close its connection.
 *
 * <p><b>Guarantee.</b> A call that was begun is waited for: an interrupt of the caller ends
 * nothing, and its status is kept. What a call throws, an {@code Error} too, is thrown to its
 * caller, and the thread goes on. A thread that ends all the same fails every call that waits, and
 * later ones are refused with its cause. {@link #close} makes the calls that wait, then the last
 * thread closes the connections as it ends: also there no interrupt can reach the driver.
 *
 * <p><b>Limit.</b> A call that calls the same queue of one thread waits for itself. Safe for use by
 * many threads; every method blocks. {@code lock} is never held during a call.
 */
final class CallQueue implements AutoCloseable {
    /** Starts one thread of a queue. */
    interface Threads {
        Worker start(String name, Worker.Task task, Consumer<? super Throwable> owner);
    }

    private final String name;
    private final Runnable closeConnections;
    private final List<Worker> workers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Deque<Call<?>> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean closed;

    /** Why the queue refuses calls although it was not closed. */
    @GuardedBy("lock")
    private @Nullable Throwable failure;

    @GuardedBy("lock")
    private int running;

    /** Why the connections could not be closed; the first {@link #close} throws it. */
    @GuardedBy("lock")
    private @Nullable Throwable notClosed;

    /** One call and what comes of it. */
    private record Call<T>(Callable<T> work, Outcome<T> outcome) {
        void make() {
            try {
                outcome.returned(work.call());
            } catch (Throwable e) {
                outcome.threw(e);
            } finally {
                outcome.settle();
            }
        }
    }

    /**
     * Starts the threads.
     *
     * @param closeConnections also called if the threads cannot be started
     */
    CallQueue(String name, int threads, Threads kind, Runnable closeConnections) {
        this.name = name;
        this.closeConnections = closeConnections;
        this.running = threads;
        try {
            for (int i = 0; i < threads; i++) {
                String thread = threads == 1 ? name : "%s-%d".formatted(name, i);
                workers.add(kind.start(thread, this::work, this::fail));
            }
        } catch (Throwable e) {
            ended(threads - workers.size());
            close();
            throw e;
        }
    }

    /** The result of {@code work}, made on a thread of this queue. */
    <T> T call(Callable<T> work) {
        return result(begin(work));
    }

    /** Has {@code work} made on a thread of this queue, and does not wait for it. */
    <T> Outcome<T> begin(Callable<T> work) {
        Call<T> call = new Call<>(work, new Outcome<>());
        lock.lock();
        try {
            if (closed || failure != null) {
                throw refusal(failure);
            }
            waiting.add(call);
            changed.signal();
        } finally {
            lock.unlock();
        }
        return call.outcome;
    }

    /** Waits for what was begun. */
    <T> T result(Outcome<T> begun) {
        if (!begun.await()) {
            throw refusal(failure());
        }
        return begun.get();
    }

    private @Nullable Throwable failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    private ControlException refusal(@Nullable Throwable cause) {
        String reason =
                cause == null
                        ? "the %s was closed; open the catalogue again".formatted(name)
                        : "the thread of the %s ended with %s; restart the server"
                                .formatted(name, cause);
        return new ControlException(ControlException.Kind.UNAVAILABLE, reason, cause);
    }

    private void work() {
        try {
            for (Call<?> call = next(); call != null; call = next()) {
                call.make();
                // A driver that interrupts its own thread must not end the next call.
                Thread.interrupted();
            }
        } finally {
            ended(1);
        }
    }

    private void ended(int count) {
        boolean last;
        lock.lock();
        try {
            running -= count;
            last = running == 0;
        } finally {
            lock.unlock();
        }
        if (last) {
            try {
                closeConnections.run();
            } catch (Throwable e) {
                keep(e);
            }
        }
    }

    private void keep(Throwable e) {
        lock.lock();
        try {
            notClosed = e;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Call<?> next() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            return waiting.poll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            // Without words, for which there may be no memory: the callers find them.
            for (Call<?> call = waiting.poll(); call != null; call = waiting.poll()) {
                call.outcome.settle();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        workers.forEach(Worker::join);
        switch (takeNotClosed()) {
            case null -> {}
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private @Nullable Throwable takeNotClosed() {
        lock.lock();
        try {
            Throwable taken = notClosed;
            notClosed = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
