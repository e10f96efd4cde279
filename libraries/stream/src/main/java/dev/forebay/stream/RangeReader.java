package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Wait;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Reads a part of a complete buffer.
 *
 * <p><b>Guarantee.</b> Only the blocks that hold bytes of the part are read, and whole: a byte
 * leaves only after the digest of its block was checked, and the block's place in the chain behind
 * the one before it. One block is in memory at a time.
 *
 * <p><b>Limit.</b> Blocks before the part are not checked; only reading the whole buffer does.
 *
 * <p>Safe for use by many threads; writes on the calling one and blocks.
 */
public final class RangeReader {
    private final Container container;
    private final ReadOptions options;

    /**
     * A reader of the buffer in {@code container}, which stays open.
     *
     * @param container has the blobs
     * @param options how failures are retried
     */
    public RangeReader(Container container, ReadOptions options) {
        this.container = container;
        this.options = options;
    }

    /**
     * Writes {@code count} bytes from byte {@code from} on; both must be within the buffer.
     *
     * @param map of this buffer
     * @param from the first byte, from 0
     * @param count how many
     * @param output takes the bytes in their order, and may block
     * @throws DamagedException if a block is not what was written, or is missing
     * @throws dev.forebay.base.NotEnoughMemoryException if there is no memory for a block
     * @throws BufferMissingException if the buffer does not exist, or is deleted meanwhile
     * @throws IOException if {@code output} fails
     */
    public void read(BlockMap map, long from, long count, WritableByteChannel output)
            throws IOException {
        if (from < 0 || count < 0 || count > map.size() - from) {
            throw new IllegalArgumentException(
                    "%d bytes from %d are not within %d".formatted(count, from, map.size()));
        }
        if (count == 0) {
            return;
        }
        Fetches fetches = Fetches.of(container, options);
        BlockMap.Place place = map.placeOf(from, fetches);
        String chain = HashChain.START;
        if (place.number() > 0) {
            BlobInfo before = fetches.head(BlobNumber.nameOf(place.number() - 1));
            map.checkBefore(place, before);
            chain = HashChain.of(before);
        }
        long at = from;
        long end = from + count;
        while (at < end) {
            Fetches.Answer.Here block = fetch(fetches, BlobNumber.nameOf(place.number()));
            try (Fetched body = block.body()) {
                chain = HashChain.after(chain, block.info());
                long length = block.info().size();
                map.check(place, at, block.info());
                long stop = Math.min(end, place.start() + length);
                release(body, at - place.start(), stop - place.start(), output);
                at = stop;
                place = new BlockMap.Place(place.number() + 1, place.start() + length);
            }
        }
    }

    private Fetches.Answer.Here fetch(Fetches fetches, BlobName name) {
        long largest = options.largestBlob().bytes();
        Fetches.Answer answer =
                fetches.fetch(name, Wait.NONE, largest, new Fetches.Claiming.Needed());
        if (answer instanceof Fetches.Answer.NoRoom(BlobInfo info)) {
            long room = MemoryBudget.roomFor(info.size());
            try {
                options.memory()
                        .awaitFirst("blob " + name, room, options.clock(), options.retryTime());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransferInterruptedException("waiting for memory", e);
            }
            answer = fetches.fetch(name, Wait.NONE, largest, new Fetches.Claiming.Done(room));
        }
        if (answer instanceof Fetches.Answer.Here here) {
            return here;
        }
        throw new DamagedException(
                "blob %s was expected in a complete buffer, and there is: %s"
                        .formatted(name, answer));
    }

    private static void release(Fetched body, long from, long to, WritableByteChannel output)
            throws IOException {
        long before = 0;
        for (ByteBuffer piece : body.pieces()) {
            int length = piece.remaining();
            int start = Math.clamp(from - before, 0, length);
            int stop = Math.clamp(to - before, start, length);
            ByteBuffer part = piece.slice(piece.position() + start, stop - start);
            while (part.hasRemaining()) {
                output.write(part);
            }
            before += length;
        }
    }
}
