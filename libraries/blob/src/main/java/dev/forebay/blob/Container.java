package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A flat set of named, write-once blobs.
 *
 * <p><b>Guarantee.</b> A name is given once and for ever: of any number of puts to one name, at any
 * time, at most one creates it. A blob is visible whole or not at all, and only once it is {@link
 * dev.forebay.base.Durability#SYNCED}: "exists", {@link #head}, {@link #get} and a woken waiter all
 * imply it.
 *
 * <p><b>Limit.</b> Digests are checked on the way in, not on the way out; a reader checks what it
 * reads.
 *
 * <p>Safe for use by many threads. All methods may block; virtual threads are welcome. Faults are
 * {@link ContainerException}s. An interrupt of the calling thread may end a call, with {@link
 * ContainerException.Fault#CLOSED} and the interrupt flag set; unless the container says more, a
 * put that ends so may have taken effect.
 */
public interface Container {
    /**
     * Begins a put whose body comes in pieces and need not fit in memory.
     *
     * @param name the blob's
     * @return the put that was begun, to be closed by the caller
     */
    StagedBlob stage(BlobName name);

    /**
     * Puts the remaining bytes of {@code body}, whose position stays.
     *
     * @param name the blob's
     * @param body of the blob
     * @param expected the digest that the body must have; null: any
     * @param metadata kept along with the body
     * @return whether the blob came into being
     */
    default PutResult put(
            BlobName name, ByteBuffer body, @Nullable Md5 expected, Map<String, String> metadata) {
        return put(name, List.of(body), expected, metadata);
    }

    /**
     * Puts the remaining bytes of {@code pieces}, one after the other; their positions stay. If
     * this returns {@link PutResult.Created}, the pieces are no longer in use. After any other end
     * a transport may read them a little longer.
     *
     * @param name the blob's
     * @param pieces of the body
     * @param expected the digest that the body must have; null: any
     * @param metadata kept along with the body
     * @return whether the blob came into being
     */
    default PutResult put(
            BlobName name,
            List<ByteBuffer> pieces,
            @Nullable Md5 expected,
            Map<String, String> metadata) {
        try (StagedBlob staged = stage(name)) {
            for (ByteBuffer piece : pieces) {
                staged.lend(piece.duplicate());
            }
            return staged.commit(expected, metadata);
        }
    }

    /**
     * How many blobs one {@link #putAll} takes; may change from call to call.
     *
     * @return from 1, where nothing is gained by putting blobs together, to {@link SmallBlob#MOST}
     */
    default int mostAtOnce() {
        return 1;
    }

    /**
     * Puts blobs together, at little more than the cost of one. Each of them comes into being whole
     * or not at all, for itself: this call says for each how its put ended, and after a fault any
     * of them may have come into being. As with {@link #put}, only those that are {@link
     * PutResult.Created} are no longer in use.
     *
     * @param blobs 1 to {@link #mostAtOnce}, with different names and bodies of {@link
     *     SmallBlob#MOST_BYTES} in all
     * @return how each put ended, in the same order
     */
    default List<PutResult> putAll(List<SmallBlob> blobs) {
        List<PutResult> results = new ArrayList<>();
        for (SmallBlob blob : blobs) {
            results.add(put(blob.name(), blob.body(), blob.md5(), blob.metadata()));
        }
        return results;
    }

    /**
     * What is known of the blob, or empty if there is none.
     *
     * @param name the blob's
     * @return its size, digest and metadata
     */
    Optional<BlobInfo> head(BlobName name);

    /**
     * Opens the blob, waiting for it to appear as long as {@code wait} says. Deletion and closing
     * end the wait.
     *
     * @param name the blob's
     * @param wait how long to wait for it, and for what else
     * @return the open blob, or that it is not there
     */
    Lookup get(BlobName name, Wait wait);
}
