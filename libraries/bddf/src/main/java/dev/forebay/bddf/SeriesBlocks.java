package dev.forebay.bddf;

/**
 * Where the blocks of one series are, in the order in which they were written; sixteen bytes a
 * block and eight more for each additional index. For use by one thread while it grows; read-only
 * use by many is safe once it is complete.
 */
public final class SeriesBlocks {
    private final int width;
    private final LongList nanos;
    private final LongList offsets;
    private final LongList additional;
    private long payloadBytes;
    private boolean sorted = true;

    /**
     * @param width how many additional indexes each block has
     */
    SeriesBlocks(int width) {
        this(width, new LongList(), new LongList(), new LongList());
    }

    private SeriesBlocks(int width, LongList nanos, LongList offsets, LongList additional) {
        this.width = width;
        this.nanos = nanos;
        this.offsets = offsets;
        this.additional = additional;
    }

    /**
     * The blocks so far that begin before {@code end}, for another thread to read while these grow.
     * The bytes of their payloads include those of the others.
     */
    SeriesBlocks soFar(long end) {
        int count = count();
        while (count > 0 && offsets.get(count - 1) >= end) {
            count--;
        }
        SeriesBlocks blocks =
                new SeriesBlocks(
                        width,
                        nanos.first(count),
                        offsets.first(count),
                        additional.first(count * width));
        blocks.payloadBytes = payloadBytes;
        blocks.sorted = sorted;
        return blocks;
    }

    void add(long time, long offset, long[] additionalIndexes, long bytes) {
        if (additionalIndexes.length != width) {
            throw new BddfException(
                    BddfException.Fault.DAMAGED,
                    "block at %d has %d additional indexes; its series names %d"
                            .formatted(offset, additionalIndexes.length, width));
        }
        sorted &= nanos.size() == 0 || nanos.get(nanos.size() - 1) <= time;
        nanos.add(time);
        offsets.add(offset);
        for (long index : additionalIndexes) {
            additional.add(index);
        }
        payloadBytes += bytes;
    }

    /** {@return how many blocks there are} */
    public int count() {
        return nanos.size();
    }

    /**
     * {@return the time of block {@code i}, in nanoseconds since 1970 UTC}
     *
     * @param i from 0
     */
    public long nanos(int i) {
        return nanos.get(i);
    }

    /**
     * Where the header of block {@code i} begins.
     *
     * @param i from 0
     * @return bytes from the start of the file
     */
    public long offset(int i) {
        return offsets.get(i);
    }

    /**
     * The additional indexes of block {@code i}.
     *
     * @param i from 0
     * @return a copy
     */
    public long[] additionalIndexes(int i) {
        long[] values = new long[width];
        for (int j = 0; j < width; j++) {
            values[j] = additional.get(i * width + j);
        }
        return values;
    }

    /** {@return bytes of all payloads} */
    public long payloadBytes() {
        return payloadBytes;
    }

    void payloadBytes(long bytes) {
        payloadBytes = bytes;
    }

    /**
     * True if no block is earlier than the one before it, so that times can be searched.
     *
     * @return whether that is so
     */
    public boolean sorted() {
        return sorted;
    }

    /**
     * The first block that is not earlier than {@code time}; {@link #count} if there is none.
     *
     * @param time in nanoseconds since 1970 UTC
     * @return its number
     * @throws IllegalStateException if the blocks are not {@link #sorted}
     */
    public int firstFrom(long time) {
        if (!sorted) {
            throw new IllegalStateException("the blocks of this series are not in order of time");
        }
        int low = 0;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (nanos(middle) < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
