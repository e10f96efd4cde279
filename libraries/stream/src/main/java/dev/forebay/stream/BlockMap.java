package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.DigestSource;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Container;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long a complete buffer is, and which block holds which byte.
 *
 * <p>Three layouts. If the end marker names the size that all blocks but the last have, and their
 * number, a block is found by computing. If the blobs say in {@link #OFFSET_KEY} where they begin,
 * as those of {@link BufferWriter} do, it is found by bisection, which asks as many blobs as the
 * number of blocks has binary digits. A buffer of another writer, which says neither, is measured
 * by {@link BlockMeasurement}: what it found is a sample of at most {@link #MOST_SAMPLES} starts,
 * evenly spread, which can be {@linkplain #stored kept} beside the buffer. A search asks the blobs
 * from the nearest sample on.
 *
 * <p><b>Limit.</b> A map is as good as marker and offsets until the blocks are read: {@link
 * RangeReader} compares each. Immutable.
 */
public final class BlockMap {
    /** The metadata of a data blob that says at which byte of the stream it begins. */
    static final String OFFSET_KEY = "stream_offset";

    /** At 8 bytes each. */
    static final int MOST_SAMPLES = 1 << 13;

    /** The first byte of a layout that is kept. Another one is measured again. */
    private static final byte VERSION = 1;

    private static final int SHA_256 = 32;
    private static final DigestSource DIGESTS = new DigestSource("SHA-256");

    private final long size;
    private final long blobs;
    private final String hashChain;
    private final Layout layout;

    /** How a block is found. */
    private sealed interface Layout {
        /** Every block but the last has {@code each} bytes. */
        record Even(long each) implements Layout {}

        /** Each blob says where it begins. */
        record Offsets() implements Layout {}

        /** The starts of each {@code stride}th block. */
        @SuppressWarnings("ArrayRecordComponent") // Neither compared nor handed out.
        record Samples(long[] starts, long stride) implements Layout {}
    }

    private BlockMap(long size, long blobs, String hashChain, Layout layout) {
        this.size = size;
        this.blobs = blobs;
        this.hashChain = hashChain;
        this.layout = layout;
    }

    /** A block and the byte of the stream at which it starts. */
    record Place(long number, long start) {}

    /** What a measurement found. */
    static BlockMap measured(long size, long blobs, String hashChain, long[] starts, long stride) {
        return new BlockMap(size, blobs, hashChain, new Layout.Samples(starts, stride));
    }

    /**
     * The map of the buffer in {@code container} that ends with {@code end}, which is measured if
     * need be; blocks.
     *
     * @param container has the blobs
     * @param end its end marker
     * @param options how failures are retried
     * @return the map
     * @throws DamagedException if a blob is missing, or is not where it should be
     * @throws BufferMissingException if the buffer is deleted meanwhile
     */
    public static BlockMap of(Container container, EndMarker end, ReadOptions options) {
        return announced(container, end, options)
                .orElseGet(() -> {
                    BlockMeasurement measurement = new BlockMeasurement(end);
                    while (true) {
                        Optional<BlockMap> found =
                                measurement.step(container, options, Integer.MAX_VALUE);
                        if (found.isPresent()) {
                            return found.get();
                        }
                    }
                });
    }

    /**
     * The same of a buffer that need not be measured, because its marker and its blobs say enough;
     * asks one blob at most.
     *
     * @param container has the blobs
     * @param end its end marker
     * @param options how failures are retried
     * @return the map, or empty if the buffer must be measured
     * @throws DamagedException if a blob is missing, or is not where it should be
     * @throws BufferMissingException if the buffer is deleted meanwhile
     */
    public static Optional<BlockMap> announced(
            Container container, EndMarker end, ReadOptions options) {
        return Optional.ofNullable(announced(end, Fetches.of(container, options)))
                .map(layout ->
                        new BlockMap(
                                end.totalSize().orElseThrow(),
                                end.blobCount().orElseThrow(),
                                end.hashChain().orElseThrow(),
                                layout));
    }

    /**
     * What a measurement found, to be kept beside the buffer and given to {@link #restored}.
     *
     * @return at most 64 KiB and a little, or empty if this was not measured
     */
    public Optional<byte[]> stored() {
        if (!(layout instanceof Layout.Samples(long[] starts, long stride))) {
            return Optional.empty();
        }
        byte[] chain = hashChain.getBytes(StandardCharsets.UTF_8);
        ByteBuffer kept =
                ByteBuffer.allocate(
                        1 + 4 * Long.BYTES + chain.length + starts.length * Long.BYTES + SHA_256);
        kept.put(VERSION).putLong(size).putLong(blobs).putLong(stride).putLong(chain.length);
        kept.put(chain);
        for (long start : starts) {
            kept.putLong(start);
        }
        return Optional.of(kept.put(sha256(kept.array(), kept.position())).array());
    }

    /**
     * The map that was kept, if it is of this buffer: asks the empty blob at its end, whose place
     * in the chain depends on the digest of each block before it.
     *
     * @param kept by {@link #stored}, or any bytes
     * @param container has the blobs
     * @param end its end marker
     * @param options how failures are retried
     * @return the map, or empty if {@code kept} is damaged, or of another version or buffer
     * @throws DamagedException if the end marker announces something else than this buffer
     * @throws BufferMissingException if the buffer is deleted meanwhile
     */
    public static Optional<BlockMap> restored(
            byte[] kept, Container container, EndMarker end, ReadOptions options) {
        BlockMap map = parse(kept);
        if (map == null) {
            return Optional.empty();
        }
        Optional<BlobInfo> last = Fetches.of(container, options).find(BlobNumber.nameOf(map.blobs));
        if (last.isEmpty()
                || last.get().size() != 0
                || !map.hashChain.equals(last.get().metadata().get(HashChain.METADATA_KEY))) {
            return Optional.empty();
        }
        map.compareWith(end);
        return Optional.of(map);
    }

    private static @Nullable BlockMap parse(byte[] kept) {
        int end = kept.length - SHA_256;
        if (end < 1
                || kept[0] != VERSION
                || !Arrays.equals(kept, end, kept.length, sha256(kept, end), 0, SHA_256)) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(kept, 1, end - 1);
        long size = in.getLong();
        long blobs = in.getLong();
        long stride = in.getLong();
        byte[] chain = new byte[(int) in.getLong()];
        in.get(chain);
        long[] starts = new long[in.remaining() / Long.BYTES];
        in.asLongBuffer().get(starts);
        return measured(size, blobs, new String(chain, StandardCharsets.UTF_8), starts, stride);
    }

    private static byte[] sha256(byte[] bytes, int length) {
        MessageDigest digest = DIGESTS.begin();
        digest.update(bytes, 0, length);
        return digest.digest();
    }

    /** The layout of a buffer that need not be measured, or null. */
    private static @Nullable Layout announced(EndMarker end, Fetches fetches) {
        long blobs = end.blobCount().orElse(0);
        long size = end.totalSize().orElse(0);
        if (blobs == 0 || size == 0 || end.hashChain().isEmpty()) {
            return null;
        }
        long even = end.blobSize().orElse(0);
        if (even > 0 && (size - 1) / even + 1 == blobs) {
            return new Layout.Even(even);
        }
        BlobInfo last = fetches.head(BlobNumber.nameOf(blobs - 1));
        long start = offsetOf(last);
        if (start < 0) {
            return null;
        }
        compare("bytes", size, start + last.size());
        return new Layout.Offsets();
    }

    /** Where the blob says that it begins, or -1 if it does not say. */
    private static long offsetOf(BlobInfo blob) {
        String text = blob.metadata().get(OFFSET_KEY);
        if (text == null) {
            return -1;
        }
        try {
            long offset = Long.parseLong(text);
            if (offset >= 0) {
                return offset;
            }
        } catch (NumberFormatException e) {
            throw new DamagedException(notAnOffset(blob, text), e);
        }
        throw new DamagedException(notAnOffset(blob, text));
    }

    private static String notAnOffset(BlobInfo blob, String text) {
        return "blob %s has %s '%s'; expected a number of bytes"
                .formatted(blob.name(), OFFSET_KEY, text);
    }

    /** Fails if {@code end} announces something else. */
    void compareWith(EndMarker end) {
        compare("blobs", end.blobCount().orElse(blobs), blobs);
        compare("bytes", end.totalSize().orElse(size), size);
        compare("hash chain", end.hashChain().orElse(hashChain), hashChain);
    }

    private static void compare(String what, Object announced, Object found) {
        if (!announced.equals(found)) {
            throw new DamagedException(
                    "%s announces %s %s, and the blobs have %s"
                            .formatted(EndMarker.NAME, what, announced, found));
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

    /**
     * Fails if {@code blob}, which was found at {@code place} for byte {@code at}, cannot be what
     * the map means.
     */
    void check(Place place, long at, BlobInfo blob) {
        long expected =
                layout instanceof Layout.Even(long each)
                        ? Math.min(each, size - place.start())
                        : -1;
        if (blob.size() == 0 || expected >= 0 && blob.size() != expected) {
            throw new DamagedException(
                    "blob %s has %d bytes; %s of the buffer expects %s at byte %d"
                            .formatted(
                                    blob.name(),
                                    blob.size(),
                                    EndMarker.NAME,
                                    expected < 0 ? "some" : expected,
                                    place.start()));
        }
        long offset = offsetOf(blob);
        if (offset >= 0 && offset != place.start()) {
            throw misplaced(blob, offset, place.start(), place.start());
        }
        if (at - place.start() >= blob.size()) {
            throw new DamagedException(
                    "blob %s ends at byte %d of the stream, and the blob behind it begins after byte %d"
                            .formatted(blob.name(), place.start() + blob.size(), at));
        }
    }

    /** Fails if {@code blob}, the one before {@code place}, says that it does not reach to it. */
    void checkBefore(Place place, BlobInfo blob) {
        long offset = offsetOf(blob);
        if (offset >= 0 && offset + blob.size() != place.start()) {
            throw apart(blob, offset + blob.size(), place.start());
        }
    }

    private static DamagedException apart(BlobInfo blob, long end, long next) {
        return new DamagedException(
                "blob %s ends at byte %d of the stream, and the blob behind it says that it begins at byte %d"
                        .formatted(blob.name(), end, next));
    }

    private static DamagedException misplaced(BlobInfo blob, long offset, long least, long most) {
        return new DamagedException(
                "blob %s says that it begins at byte %d of the stream; by the blobs beside it, it begins at %s"
                        .formatted(
                                blob.name(),
                                offset,
                                least == most ? least : least + " to " + most));
    }

    /** The block that holds byte {@code offset}, which is less than {@link #size}. */
    Place placeOf(long offset, Fetches fetches) {
        return switch (layout) {
            case Layout.Even(long each) -> new Place(offset / each, offset / each * each);
            case Layout.Offsets() -> bisect(offset, fetches);
            case Layout.Samples(long[] starts, long stride) -> {
                int found = Arrays.binarySearch(starts, offset);
                int sample = found >= 0 ? found : -found - 2;
                yield walk(new Place(sample * stride, starts[sample]), offset, fetches);
            }
        };
    }

    private Place bisect(long offset, Fetches fetches) {
        Place low = new Place(0, 0);
        Place high = new Place(blobs, size);
        while (high.number() - low.number() > 1) {
            long middle = (low.number() + high.number()) >>> 1;
            BlobInfo blob = fetches.head(BlobNumber.nameOf(middle));
            Place place = new Place(middle, offsetOf(blob));
            // Each block between has a byte at least.
            long least = low.start() + middle - low.number();
            long most = high.start() - (high.number() - middle);
            if (place.start() < least || place.start() > most) {
                throw misplaced(blob, place.start(), least, most);
            }
            if (place.start() <= offset) {
                low = place;
            } else {
                high = place;
            }
        }
        return low;
    }

    private Place walk(Place from, long offset, Fetches fetches) {
        Place place = from;
        while (true) {
            long length = fetches.head(BlobNumber.nameOf(place.number())).size();
            if (length == 0) {
                throw new DamagedException(
                        "the buffer ends at byte %d; %d were expected"
                                .formatted(place.start(), size));
            }
            if (offset - place.start() < length) {
                return place;
            }
            place = new Place(place.number() + 1, place.start() + length);
        }
    }
}
