package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Creates blobs, once each. When {@link #create} returns, the blob is there with exactly these
 * bytes and this chain value, as durable as demanded; a name that is taken is compared, so that an
 * answer lost on the way back does no harm and another writer's blob is never taken for ours. Safe
 * for use by many threads.
 */
final class Uploads {
    private final Container container;
    private final Retry retry;
    private final Durability demanded;
    private final Duration retryTime;

    /** What acknowledgements promised; it has at least one element once a blob was created. */
    private final ConcurrentSkipListSet<Durability> given = new ConcurrentSkipListSet<>();

    Uploads(Container container, Retry retry, Durability demanded, Duration retryTime) {
        this.container = container;
        this.retry = retry;
        this.demanded = demanded;
        this.retryTime = retryTime;
    }

    Durability weakest() {
        return given.first();
    }

    Optional<BlobInfo> head(BlobName name) {
        return retry.call(retryTime, () -> container.head(name));
    }

    void create(BlobName name, ByteBuffer body, Md5 md5) {
        create(name, List.of(body), md5, Map.of());
    }

    /**
     * Creates a blob.
     *
     * @return whether one put, answered, made it: only then has the transport let the body go
     */
    boolean create(BlobName name, List<ByteBuffer> body, Md5 md5, Map<String, String> metadata) {
        return create(name, body, md5, metadata, 0);
    }

    /**
     * Creates blobs together; one that arrives changed is sent again alone.
     *
     * @return of each, whether one put, answered, made it
     */
    boolean[] create(List<SmallBlob> blobs) {
        AtomicInteger puts = new AtomicInteger();
        List<PutResult> results =
                retry.call(
                        retryTime,
                        () -> {
                            puts.incrementAndGet();
                            return container.putAll(blobs);
                        });
        boolean[] letGo = new boolean[blobs.size()];
        for (int i = 0; i < blobs.size(); i++) {
            SmallBlob blob = blobs.get(i);
            switch (results.get(i)) {
                case PutResult.Created(BlobInfo _, Durability level) -> {
                    acknowledged(blob.name(), level);
                    letGo[i] = puts.get() == 1;
                }
                case PutResult.Exists(Durability level) ->
                        exists(blob.name(), blob.md5(), blob.metadata(), level);
                case PutResult.DigestMismatch _ -> {
                    retry.countWrongDigest();
                    create(blob.name(), blob.body(), blob.md5(), blob.metadata(), 1);
                }
            }
        }
        return letGo;
    }

    /** Creates a blob that arrived changed {@code before} times. */
    private boolean create(
            BlobName name,
            List<ByteBuffer> body,
            Md5 md5,
            Map<String, String> metadata,
            int before) {
        AtomicInteger puts = new AtomicInteger(before);
        for (int wrong = before; ; wrong++) {
            PutResult result =
                    retry.call(
                            retryTime,
                            () -> {
                                puts.incrementAndGet();
                                return container.put(name, body, md5, metadata);
                            });
            switch (result) {
                case PutResult.Created(BlobInfo blob, Durability level) -> {
                    acknowledged(blob.name(), level);
                    return puts.get() == 1;
                }
                case PutResult.Exists(Durability level) -> {
                    exists(name, md5, metadata, level);
                    return false;
                }
                case PutResult.DigestMismatch(Md5 expected, Md5 actual) -> {
                    if (wrong >= Retry.WRONG_DIGESTS) {
                        throw new DamagedException(mismatch(name, wrong + 1, expected, actual));
                    }
                    retry.countWrongDigest();
                }
            }
        }
    }

    /** Not every container says with what digest a body arrived. */
    private static String mismatch(BlobName name, int times, Md5 expected, Md5 actual) {
        return "MD5 mismatch: blob %s was sent %d times with %s and arrived with %s; check the memory and the network between"
                .formatted(name, times, expected, actual.equals(expected) ? "another" : actual);
    }

    private void exists(BlobName name, Md5 md5, Map<String, String> metadata, Durability level) {
        Optional<BlobInfo> there = head(name);
        if (there.isEmpty()) {
            throw new BufferOverwriteException(
                    "blob " + name + " was refused as existing but cannot be seen");
        }
        if (!isOurs(there.get(), md5, metadata.get(HashChain.METADATA_KEY))) {
            throw new BufferOverwriteException(
                    "blob %s is there with MD5 %s, ours has %s"
                            .formatted(name, there.get().md5(), md5));
        }
        acknowledged(name, level);
    }

    private void acknowledged(BlobName name, Durability level) {
        given.add(level);
        if (!level.covers(demanded)) {
            throw new NotDurableException(name, level, demanded);
        }
    }

    /** Whether a blob that is there already is the one that was put. */
    static boolean isOurs(BlobInfo there, Md5 md5, @Nullable String chain) {
        String thereChain = there.metadata().get(HashChain.METADATA_KEY);
        return there.md5().equals(md5) && Objects.equals(chain, thereChain);
    }
}
