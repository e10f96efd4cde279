package dev.forebay.blob.testing;

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
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Another container seen through a bad network: calls fail before or after they took effect, bodies
 * arrive broken or changed, all by a seed; and puts can be held. What it injects it counts. Safe
 * for use by many threads.
 */
public final class FaultyContainer implements Container {
    /** Faults of calls that a later try may survive. */
    private static final List<Fault> PASSING =
            List.of(
                    Fault.THROTTLED,
                    Fault.UNAVAILABLE,
                    Fault.TIMED_OUT,
                    Fault.BROKEN_BODY,
                    Fault.NO_SPACE);

    private final Container inner;
    private final int oneIn;

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Random random;
    private final Map<Fault, Long> injected = new EnumMap<>(Fault.class);
    private long wrongDigests;
    private boolean held;
    private int heldPuts;
    private long gets;

    /**
     * One that fails.
     *
     * @param oneIn each kind of fault comes to about one call in so many; 0 for none
     */
    public FaultyContainer(Container inner, long seed, int oneIn) {
        this.inner = inner;
        this.random = new Random(seed);
        this.oneIn = oneIn;
    }

    /** Faults thrown so far. */
    public Map<Fault, Long> injected() {
        lock.lock();
        try {
            return Map.copyOf(injected);
        } finally {
            lock.unlock();
        }
    }

    /** Bodies changed on either way so far. */
    public long wrongDigests() {
        lock.lock();
        try {
            return wrongDigests;
        } finally {
            lock.unlock();
        }
    }

    /** Gets asked for so far. */
    public long gets() {
        lock.lock();
        try {
            return gets;
        } finally {
            lock.unlock();
        }
    }

    /** From now on commits stand still. */
    public void holdPuts() {
        lock.lock();
        try {
            held = true;
        } finally {
            lock.unlock();
        }
    }

    public void letPutsGo() {
        lock.lock();
        try {
            held = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until {@code count} commits stand still. */
    public void awaitHeldPuts(int count) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (heldPuts < count) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void standStill() {
        lock.lock();
        try {
            heldPuts++;
            changed.signalAll();
            while (held) {
                changed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(Fault.CLOSED, "interrupted", e);
        } finally {
            heldPuts--;
            lock.unlock();
        }
    }

    private boolean strikes() {
        lock.lock();
        try {
            return oneIn > 0 && random.nextInt(oneIn) == 0;
        } finally {
            lock.unlock();
        }
    }

    private boolean coin() {
        lock.lock();
        try {
            return random.nextBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** Fails for each kind of fault one time in so many. */
    private void mayFail() {
        for (Fault fault : PASSING) {
            if (strikes()) {
                throw counted(fault);
            }
        }
    }

    private ContainerException counted(Fault fault) {
        lock.lock();
        try {
            injected.merge(fault, 1L, Long::sum);
        } finally {
            lock.unlock();
        }
        return new ContainerException(fault, "injected " + fault);
    }

    private boolean changesBody() {
        if (!strikes()) {
            return false;
        }
        lock.lock();
        try {
            wrongDigests++;
        } finally {
            lock.unlock();
        }
        return true;
    }

    @Override
    public StagedBlob stage(BlobName name) {
        return new Staged(inner.stage(name));
    }

    @Override
    public int mostAtOnce() {
        return inner.mostAtOnce();
    }

    /** The faults of one put; if a body is changed on the way, it is that of one blob. */
    @Override
    public List<PutResult> putAll(List<SmallBlob> blobs) {
        standStill();
        if (changesBody()) {
            List<SmallBlob> others = new ArrayList<>(blobs);
            SmallBlob changed = others.remove(blobs.size() / 2);
            List<PutResult> results = new ArrayList<>(inner.putAll(others));
            results.add(
                    blobs.size() / 2, new PutResult.DigestMismatch(changed.md5(), Md5.OF_NOTHING));
            return results;
        }
        boolean lost = coin();
        if (!lost) {
            mayFail();
        }
        List<PutResult> results = inner.putAll(blobs);
        if (lost) {
            mayFail();
        }
        return results;
    }

    @Override
    public Optional<BlobInfo> head(BlobName name) {
        mayFail();
        return inner.head(name);
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        lock.lock();
        try {
            gets++;
        } finally {
            lock.unlock();
        }
        mayFail();
        return switch (inner.get(name, wait)) {
            case Lookup.Found(OpenBlob blob) -> new Lookup.Found(new Opened(blob));
            case Lookup.Absent absent -> absent;
        };
    }

    private final class Staged implements StagedBlob {
        private final StagedBlob staged;

        Staged(StagedBlob staged) {
            this.staged = staged;
        }

        @Override
        public void write(ByteBuffer piece) {
            staged.write(piece);
        }

        @Override
        public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
            standStill();
            if (expected != null && changesBody()) {
                return new PutResult.DigestMismatch(expected, Md5.OF_NOTHING);
            }
            // A fault before the put took effect, or an answer that was lost after it did.
            boolean lost = coin();
            if (!lost) {
                mayFail();
            }
            PutResult result = staged.commit(expected, metadata);
            if (lost) {
                mayFail();
            }
            return result;
        }

        @Override
        public void close() {
            staged.close();
        }
    }

    private final class Opened implements OpenBlob {
        private final OpenBlob blob;

        Opened(OpenBlob blob) {
            this.blob = blob;
        }

        @Override
        public BlobInfo info() {
            return blob.info();
        }

        @Override
        public void transferTo(WritableByteChannel target) {
            mayFail();
            blob.transferTo(target);
        }

        @Override
        public void readInto(Room room) {
            Flipped flipped = new Flipped(room);
            blob.readInto(flipped);
            if (strikes()) {
                throw counted(Fault.BROKEN_BODY);
            }
            if (flipped.first != null && changesBody()) {
                flipped.flip();
            }
        }

        @Override
        public void close() {
            blob.close();
        }
    }

    /** Remembers where the first byte of a body went. */
    private static final class Flipped implements OpenBlob.Room {
        private final OpenBlob.Room room;
        private @Nullable ByteBuffer first;
        private int at;

        Flipped(OpenBlob.Room room) {
            this.room = room;
        }

        @Override
        public ByteBuffer next() {
            ByteBuffer next = room.next();
            if (first == null) {
                first = next;
                at = next.position();
            }
            return next;
        }

        void flip() {
            ByteBuffer body = Objects.requireNonNull(first);
            body.put(at, (byte) ~body.get(at));
        }
    }
}
