package dev.forebay.run.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A channel of which a test holds one end: it feeds what is read, or awaits what is written. */
public final class FedChannel implements ReadableByteChannel, WritableByteChannel {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    @GuardedBy("lock")
    private boolean ended;

    public void feed(byte[] bytes) {
        lock.lock();
        try {
            held.writeBytes(bytes);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes this many bytes, waiting for them. */
    public byte[] await(int count) throws InterruptedException {
        long left = PATIENCE.toNanos();
        lock.lockInterruptibly();
        try {
            while (held.size() < count && left > 0) {
                left = changed.awaitNanos(left);
            }
            assertThat(held.size()).as("bytes within %s", PATIENCE).isGreaterThanOrEqualTo(count);
            byte[] all = held.toByteArray();
            held.reset();
            held.write(all, count, all.length - count);
            return Arrays.copyOf(all, count);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            while (held.size() == 0 && !ended) {
                changed.await();
            }
            if (held.size() == 0) {
                return -1;
            }
            byte[] all = held.toByteArray();
            int count = Math.min(all.length, target.remaining());
            target.put(all, 0, count);
            held.reset();
            held.write(all, count, all.length - count);
            return count;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int write(ByteBuffer source) {
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        feed(bytes);
        return bytes.length;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        end();
    }
}
