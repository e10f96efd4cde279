package dev.forebay.server;

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
 * A connection that tells, while its request is held and nobody reads, that the client closed it.
 *
 * <p><b>Guarantee.</b> Bytes that come meanwhile, of a request behind the held one, are kept and
 * read in their turn. <b>Limit.</b> After {@link #MOST_KEPT} of them it sees no close any more, and
 * that request ends with its wait. A client that closes only its own direction has left, too.
 *
 * <p>To see the end of a stream one must read it, so this reads ahead of the connection. Its
 * interest in reading cannot be taken back; whoever wants to read next is told by it. Never blocks.
 */
final class WatchedEndPoint extends SocketChannelEndPoint {
    private static final int MOST_KEPT = 4096;

    private final Executor executor;

    /** Guards everything below, and that bytes are read in their order. */
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Runnable onGone;
    private boolean interested;
    private @Nullable Callback reader;
    private @Nullable ByteBuffer kept;

    /** What {@code executor} is given may block. */
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
        if (next != null) {
            next.failed(failure);
        }
        if (gone != null) {
            gone.run();
        }
    }

    private @Nullable Callback release() {
        interested = false;
        Callback next = reader;
        reader = null;
        return next;
    }

    /** False if there will be no more bytes. */
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
                return false; // Reset; whoever reads next sees it too.
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
