package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import java.util.Arrays;

/**
 * How long a complete buffer is, and which block holds which byte.
 *
 * <p>If the end marker names the size that all blocks but the last have, and their number, this is
 * computed and no blob is asked for. A writer that closes blocks by time, or one of the reference,
 * names no size: then each blob is asked once for its size and its place in the chain, not for its
 * body, and what was found is a sample of at most {@link #MOST_SAMPLES} starts, evenly spread. A
 * later search asks the blobs from the nearest sample on.
 *
 * <p><b>Limit.</b> A map is as good as the marker until the blocks are read: {@link RangeReader}
 * compares each. Immutable.
 */
public final class BlockMap {
    /** At 8 bytes each. */
    static final int MOST_SAMPLES = 1 << 14;

    private final long size;
    private final long blobs;
    private final String hashChain;

    /** Bytes of every block but the last, or 0 if they are not even. */
    private final long even;

    /** The starts of each {@code stride}th block; empty if blocks are even. */
    private final long[] samples;

    private final long stride;

    private BlockMap(
            long size, long blobs, String hashChain, long even, long[] samples, long stride) {
        this.size = size;
        this.blobs = blobs;
        this.hashChain = hashChain;
        this.even = even;
        this.samples = samples;
        this.stride = stride;
    }

    /** A block and the byte of the stream at which it starts. */
    record Place(long number, long start) {}

    /**
     * The map of the buffer in {@code container} that ends with {@code end}; blocks.
     *
     * @param container has the blobs
     * @param end its end marker
     * @param options how failures are retried
     * @return the map
     * @throws DamagedException if a blob is missing or its place in the chain is wrong
     * @throws BufferMissingException if the buffer is deleted meanwhile
     */
    public static BlockMap of(Container container, EndMarker end, ReadOptions options) {
        long blobs = end.blobCount().orElse(-1);
        long size = end.totalSize().orElse(-1);
        long even = end.blobSize().orElse(0);
        boolean isEven = size > 0 && even > 0 && (size - 1) / even + 1 == blobs;
        if (isEven && end.hashChain().isPresent()) {
            return new BlockMap(size, blobs, end.hashChain().get(), even, new long[0], 1);
        }
        BlockMap measured = measure(container, options);
        compare("blobs", end.blobCount().orElse(measured.blobs), measured.blobs);
        compare("bytes", end.totalSize().orElse(measured.size), measured.size);
        compare("hash chain", end.hashChain().orElse(measured.hashChain), measured.hashChain);
        return measured;
    }

    private static void compare(String what, Object announced, Object found) {
        if (!announced.equals(found)) {
            throw new DamagedException(
                    "%s announces %s %s, and the blobs have %s"
                            .formatted(EndMarker.NAME, what, announced, found));
        }
    }

    private static BlockMap measure(Container container, ReadOptions options) {
        Fetches fetches = Fetches.of(container, options);
        long[] samples = new long[16];
        int count = 0;
        long stride = 1;
        long at = 0;
        String chain = HashChain.START;
        for (long number = 0; ; number++) {
            BlobInfo info = fetches.head(BlobNumber.nameOf(number));
            chain = HashChain.after(chain, info);
            if (info.size() == 0) {
                return new BlockMap(at, number, chain, 0, Arrays.copyOf(samples, count), stride);
            }
            if (number % stride == 0) {
                if (count == MOST_SAMPLES) {
                    for (int i = 0; i < count / 2; i++) {
                        samples[i] = samples[2 * i];
                    }
                    count /= 2;
                    stride *= 2;
                }
                if (number % stride == 0) {
                    samples = count == samples.length ? Arrays.copyOf(samples, 2 * count) : samples;
                    samples[count++] = at;
                }
            }
            at += info.size();
        }
    }

    /** {@return bytes of the stream} */
    public long size() {
        return size;
    }

    /** {@return the chain's value of the empty blob at the end: a name for the whole content} */
    public String hashChain() {
        return hashChain;
    }

    /** Bytes that block {@code place} must have, or -1 if only the blob knows. */
    long sizeOf(Place place) {
        return even > 0 ? Math.min(even, size - place.start()) : -1;
    }

    /** The block that holds byte {@code offset}, which is less than {@link #size}. */
    Place placeOf(long offset, Fetches fetches) {
        if (even > 0) {
            long number = offset / even;
            return new Place(number, number * even);
        }
        int found = Arrays.binarySearch(samples, offset);
        int sample = found >= 0 ? found : -found - 2;
        long number = sample * stride;
        long start = samples[sample];
        while (true) {
            BlobName name = BlobNumber.nameOf(number);
            long length = fetches.head(name).size();
            if (length == 0) {
                throw new DamagedException(
                        "the buffer ends at byte %d; %d were expected".formatted(start, size));
            }
            if (offset - start < length) {
                return new Place(number, start);
            }
            start += length;
            number++;
        }
    }
}
