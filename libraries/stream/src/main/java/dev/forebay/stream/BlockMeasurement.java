package dev.forebay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Container;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the blocks of a complete buffer begin that say nothing of it: asks each blob once for
 * its size and its place in the chain, not for its body.
 *
 * <p><b>Guarantee.</b> Each blob is asked once in all, however many threads make steps. A step that
 * fails leaves what was found before, and the next one asks the same blob again.
 *
 * <p><b>Limit.</b> Holds 64 KiB at most. A blob that comes while it is measured is taken along.
 *
 * <p>Safe for use by many threads, which take turns in the order of their calls; blocks.
 */
public final class BlockMeasurement {
    private final EndMarker end;

    /** Fair, so that a thread with little patience gets its turns. */
    private final ReentrantLock turns = new ReentrantLock(true);

    @GuardedBy("turns")
    private long[] starts = new long[16];

    @GuardedBy("turns")
    private int count;

    @GuardedBy("turns")
    private long stride = 1;

    @GuardedBy("turns")
    private long size;

    @GuardedBy("turns")
    private String chain = HashChain.START;

    /** How many blobs were asked. */
    @GuardedBy("turns")
    private long asked;

    @GuardedBy("turns")
    private @Nullable BlockMap found;

    /**
     * Nothing is asked yet.
     *
     * @param end the end marker of the buffer
     */
    public BlockMeasurement(EndMarker end) {
        this.end = end;
    }

    /** {@return how many blobs were asked so far} */
    public long asked() {
        turns.lock();
        try {
            return asked;
        } finally {
            turns.unlock();
        }
    }

    /**
     * Asks the next blobs.
     *
     * @param container has the blobs; the same with each step
     * @param options how failures are retried, while other threads wait for their turn
     * @param most how many blobs are asked
     * @return the map, or empty if there are more blobs to ask
     * @throws dev.forebay.base.DamagedException if a blob is missing, or is not where it should be
     * @throws BufferMissingException if the buffer is deleted meanwhile
     */
    public Optional<BlockMap> step(Container container, ReadOptions options, int most) {
        Fetches fetches = Fetches.of(container, options);
        turns.lock();
        try {
            for (int i = 0; i < most && found == null; i++) {
                add(fetches.head(BlobNumber.nameOf(asked)));
            }
            return Optional.ofNullable(found);
        } finally {
            turns.unlock();
        }
    }

    @GuardedBy("turns")
    private void add(BlobInfo blob) {
        String next = HashChain.after(chain, blob);
        if (blob.size() == 0) {
            BlockMap map =
                    BlockMap.measured(size, asked, next, Arrays.copyOf(starts, count), stride);
            map.compareWith(end);
            found = map;
        } else {
            sample(asked);
            size += blob.size();
        }
        chain = next;
        asked++;
    }

    /** Keeps the start of a block, if it is one of those that are kept. */
    @GuardedBy("turns")
    private void sample(long number) {
        if (number % stride != 0) {
            return;
        }
        if (count == BlockMap.MOST_SAMPLES) {
            for (int i = 0; i < count / 2; i++) {
                starts[i] = starts[2 * i];
            }
            count /= 2;
            stride *= 2;
        }
        if (number % stride == 0) {
            starts = count == starts.length ? Arrays.copyOf(starts, 2 * count) : starts;
            starts[count++] = size;
        }
    }
}
