package dev.forebay.blob.testing;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A container in memory that keeps the contract of {@link Container}, and lets a test put things
 * into it that no writer would. Safe for use by many threads.
 */
public final class MemoryContainer implements Container {
    private record Stored(BlobInfo info, ByteBuffer body) {}

    private final Clock clock;

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Map<BlobName, Stored> blobs = new TreeMap<>();
    private boolean deleted;
    private boolean knowsWaiting = true;
    private Durability durability = Durability.SYNCED;
    private int most = 1;
    private int mostTogether;

    public MemoryContainer() {
        this(Clock.system());
    }

    public MemoryContainer(Clock clock) {
        this.clock = clock;
    }

    /** From now on, a get that would wait is answered at once, as by a server that cannot wait. */
    public void forgetWaiting() {
        lock.lock();
        try {
            knowsWaiting = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sets how many blobs a {@link #putAll} takes from now on; 1 before. */
    public void takeTogether(int blobs) {
        lock.lock();
        try {
            most = blobs;
        } finally {
            lock.unlock();
        }
    }

    /** The most blobs that were put together so far. */
    public int mostTogether() {
        lock.lock();
        try {
            return mostTogether;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int mostAtOnce() {
        lock.lock();
        try {
            return most;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<PutResult> putAll(List<SmallBlob> blobs) {
        lock.lock();
        try {
            mostTogether = Math.max(mostTogether, blobs.size());
        } finally {
            lock.unlock();
        }
        return Container.super.putAll(blobs);
    }

    /** What puts are acknowledged with from now on. */
    public void acknowledge(Durability other) {
        lock.lock();
        try {
            durability = other;
        } finally {
            lock.unlock();
        }
    }

    /** The container goes, and whoever waits is told. */
    public void delete() {
        lock.lock();
        try {
            deleted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The names of all blobs, in order. */
    public List<BlobName> names() {
        lock.lock();
        try {
            return List.copyOf(blobs.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** A copy of the body. */
    public byte[] body(BlobName name) {
        lock.lock();
        try {
            ByteBuffer body = stored(name).body.duplicate();
            byte[] copy = new byte[body.remaining()];
            body.get(copy);
            return copy;
        } finally {
            lock.unlock();
        }
    }

    public BlobInfo info(BlobName name) {
        lock.lock();
        try {
            return stored(name).info;
        } finally {
            lock.unlock();
        }
    }

    private Stored stored(BlobName name) {
        Stored stored = blobs.get(name);
        if (stored == null) {
            throw new AssertionError("there is no blob " + name + ", only " + blobs.keySet());
        }
        return stored;
    }

    /** Takes the blob out as if it had never been. */
    public void remove(BlobName name) {
        lock.lock();
        try {
            blobs.remove(name);
        } finally {
            lock.unlock();
        }
    }

    /** Puts a blob in place of whatever has the name, with a digest that may be a lie. */
    public void overwrite(BlobName name, byte[] body, Md5 md5, Map<String, String> metadata) {
        lock.lock();
        try {
            BlobInfo info = new BlobInfo(name, body.length, md5, metadata, clock.wall());
            blobs.put(name, new Stored(info, ByteBuffer.wrap(body.clone())));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void checkThere() {
        if (deleted) {
            throw new ContainerException(Fault.MISSING_CONTAINER, "the container was deleted");
        }
    }

    @Override
    public StagedBlob stage(BlobName name) {
        lock.lock();
        try {
            checkThere();
        } finally {
            lock.unlock();
        }
        return new Staged(name);
    }

    @Override
    public Optional<BlobInfo> head(BlobName name) {
        lock.lock();
        try {
            checkThere();
            return Optional.ofNullable(blobs.get(name)).map(Stored::info);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        lock.lock();
        try {
            long deadline = clock.deadline(wait.atMost());
            boolean waits = wait.atMost().isPositive();
            while (true) {
                checkThere();
                Stored found = blobs.get(name);
                if (found != null) {
                    return new Lookup.Found(new Opened(found));
                }
                if (!waits || !knowsWaiting) {
                    return new Lookup.Absent(false);
                }
                boolean pointless = wait.orUntil().map(blobs::containsKey).orElse(false);
                if (pointless || deadline - clock.nanos() <= 0) {
                    return new Lookup.Absent(true);
                }
                clock.await(lock, changed, deadline);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(Fault.CLOSED, "interrupted while waiting", e);
        } finally {
            lock.unlock();
        }
    }

    private final class Staged implements StagedBlob {
        private final BlobName name;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        Staged(BlobName name) {
            this.name = name;
        }

        @Override
        public void write(ByteBuffer piece) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            body.writeBytes(bytes);
        }

        @Override
        public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
            byte[] bytes = body.toByteArray();
            Md5 actual = Md5.of(ByteBuffer.wrap(bytes));
            if (expected != null && !expected.equals(actual)) {
                return new PutResult.DigestMismatch(expected, actual);
            }
            lock.lock();
            try {
                checkThere();
                if (blobs.containsKey(name)) {
                    return new PutResult.Exists(durability);
                }
                BlobInfo info = new BlobInfo(name, bytes.length, actual, metadata, clock.wall());
                blobs.put(name, new Stored(info, ByteBuffer.wrap(bytes)));
                changed.signalAll();
                return new PutResult.Created(info, durability);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            body.reset();
        }
    }

    private record Opened(Stored stored) implements OpenBlob {
        @Override
        public BlobInfo info() {
            return stored.info;
        }

        @Override
        public void transferTo(WritableByteChannel target) {
            try {
                ByteBuffer body = stored.body.duplicate();
                while (body.hasRemaining()) {
                    target.write(body);
                }
            } catch (IOException e) {
                throw new ContainerException(Fault.FAILED, "the target failed", e);
            }
        }

        @Override
        public void readInto(Room room) {
            ByteBuffer body = stored.body.duplicate();
            while (body.hasRemaining()) {
                ByteBuffer target = room.next();
                int length = Math.min(target.remaining(), body.remaining());
                target.put(body.slice(body.position(), length));
                body.position(body.position() + length);
            }
        }

        @Override
        public void close() {}
    }
}
