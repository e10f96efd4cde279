package dev.forebay.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Direct memory for bodies, used again when it is large enough and let go when it is not, so that
 * it never holds more pieces than were out at one time. Safe for use by many threads.
 */
final class BodyPool {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<ByteBuffer> free = new ArrayList<>();

    /** A buffer with exactly {@code size} bytes of room. */
    ByteBuffer take(int size) {
        if (size == 0) {
            return NOTHING.duplicate();
        }
        lock.lock();
        try {
            for (int i = free.size() - 1; i >= 0; i--) {
                if (free.get(i).capacity() >= size) {
                    return free.remove(i).clear().limit(size);
                }
            }
            if (!free.isEmpty()) {
                free.removeLast();
            }
        } finally {
            lock.unlock();
        }
        return ByteBuffer.allocateDirect(size);
    }

    void give(ByteBuffer body) {
        if (body.capacity() == 0) {
            return;
        }
        lock.lock();
        try {
            free.add(body);
        } finally {
            lock.unlock();
        }
    }
}
