package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A socket's end point that notices that the client closed the connection, while a request is
 * answered and the connection is not read.
 *
 * <p><b>Guarantee.</b> Bytes that arrive meanwhile, of a later request or of TLS, are kept and read
 * in their turn. <b>Limit.</b> Once {@link #MOST_KEPT} bytes are kept it no longer notices a close,
 * and the request ends with its wait. A client that closes only its own direction counts as gone.
 *
 * <p>To see the end of a stream one must read it, so this class reads ahead of the connection. Its
 * interest in reading cannot be taken back; the connection's next interest is served by it. Safe
 * for use by many threads; never blocks.
 */
final class WatchedEndPoint extends SocketChannelEndPoint {
    static final int MOST_KEPT = 4096;

    private final Executor executor;

    /** Also held while bytes are read, so that they are read in their order. */
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Runnable onGone;

    /** True while the selector will call {@link #readable}. */
    @GuardedBy("lock")
    private boolean interested;

    /** The connection's interest in reading, if it came while {@link #interested}. */
    @GuardedBy("lock")
    private @Nullable Callback reader;

    @GuardedBy("lock")
    private @Nullable ByteBuffer kept;

    /** Callbacks that may block run on {@code executor}. */
    WatchedEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            Executor executor) {
        super(channel, selector, key, scheduler);
        this.executor = executor;
    }

    /** Has {@code gone} run, once, if the client closes before {@link #unwatch}. */
    void watch(Runnable gone) {
        lock.lock();
        try {
            onGone = gone;
            beInterested();
        } finally {
            lock.unlock();
        }
    }

    void unwatch() {
        lock.lock();
        try {
            onGone = null;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void beInterested() {
        if (!interested) {
            interested = super.tryFillInterested(Callback.from(this::readable, this::failed));
        }
    }

    private void readable() {
        Callback next;
        Runnable gone = null;
        lock.lock();
        try {
            next = release();
            if (next == null && onGone != null && !readAhead()) {
                gone = onGone;
                onGone = null;
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.succeeded();
        }
        if (gone != null) {
            gone.run();
        }
    }

    private void failed(Throwable failure) {
        Callback next;
        Runnable gone;
        lock.lock();
        try {
            next = release();
            gone = onGone;
            onGone = null;
        } finally {
            lock.unlock();
        }
        try {
            if (next != null) {
                next.failed(failure);
            }
        } finally {
            if (gone != null) {
                gone.run();
            }
        }
    }

    @GuardedBy("lock")
    private @Nullable Callback release() {
        interested = false;
        Callback next = reader;
        reader = null;
        return next;
    }

    /** False if there will be no more bytes. */
    @GuardedBy("lock")
    private boolean readAhead() {
        if (kept == null) {
            kept = BufferUtil.allocate(MOST_KEPT);
        }
        if (BufferUtil.space(kept) > 0) {
            try {
                if (super.fill(kept) < 0) {
                    return false;
                }
            } catch (IOException e) {
                return false; // Reset; the next read meets it too.
            }
            if (BufferUtil.space(kept) > 0) {
                beInterested();
            }
        }
        return true;
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        lock.lock();
        try {
            if (kept == null || !kept.hasRemaining()) {
                return super.fill(buffer);
            }
            int count = BufferUtil.append(buffer, kept);
            if (kept.hasRemaining()) {
                BufferUtil.compact(kept);
            } else {
                kept = null;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void fillInterested(Callback callback) {
        if (!tryFillInterested(callback)) {
            throw new ReadPendingException();
        }
    }

    @Override
    public boolean tryFillInterested(Callback callback) {
        lock.lock();
        try {
            if (kept != null && kept.hasRemaining()) {
                executor.execute(callback::succeeded);
                return true;
            }
            if (!interested) {
                return super.tryFillInterested(callback);
            }
            if (reader != null) {
                return false;
            }
            reader = callback;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isFillInterested() {
        lock.lock();
        try {
            return interested ? reader != null : super.isFillInterested();
        } finally {
            lock.unlock();
        }
    }
}
