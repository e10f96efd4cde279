package dev.forebay.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** An input that gives what a test put into it, and can be asked how far it was read. */
final class HeldInput implements ReadableByteChannel {
    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private ByteBuffer left = ByteBuffer.allocate(0);
    private boolean ended;
    private boolean idle;
    private @Nullable IOException failure;
    private long read;

    /** Gives these bytes next; what was given before must have been read. */
    void give(byte[] bytes) {
        lock.lock();
        try {
            left = ByteBuffer.wrap(bytes);
            idle = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void fail(IOException with) {
        lock.lock();
        try {
            failure = with;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until all was read and the reader asks for more. */
    void awaitIdle() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!idle) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until so many bytes were read. */
    void awaitRead(long bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (read < bytes) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    long bytesRead() {
        lock.lock();
        try {
            return read;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            while (!left.hasRemaining() && !ended && failure == null) {
                idle = true;
                changed.signalAll();
                changed.await();
            }
            if (failure != null) {
                throw failure;
            }
            if (!left.hasRemaining()) {
                return -1;
            }
            int length = Math.min(left.remaining(), target.remaining());
            target.put(left.slice().limit(length));
            left.position(left.position() + length);
            read += length;
            changed.signalAll();
            return length;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
