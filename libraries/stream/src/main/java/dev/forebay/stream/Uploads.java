package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
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
    private final Rules rules;
    private final Durability demanded;

    /** What acknowledgements promised; it has at least one element once a blob was created. */
    private final ConcurrentSkipListSet<Durability> given = new ConcurrentSkipListSet<>();

    Uploads(Container container, Retry retry, Rules rules, Durability demanded) {
        this.container = container;
        this.retry = retry;
        this.rules = rules;
        this.demanded = demanded;
    }

    Durability weakest() {
        return given.first();
    }

    Optional<BlobInfo> head(BlobName name, Duration retryTime) {
        return retry.call(retryTime, () -> container.head(name));
    }

    void create(
            BlobName name, ByteBuffer body, Md5 md5, @Nullable String chain, Duration retryTime) {
        Map<String, String> metadata =
                chain == null ? Map.of() : Map.of(HashChain.METADATA_KEY, chain);
        for (int wrong = 0; ; wrong++) {
            PutResult result =
                    retry.call(retryTime, () -> container.put(name, body, md5, metadata));
            switch (result) {
                case PutResult.Created(BlobInfo blob, Durability level) -> {
                    acknowledged(blob.name(), level);
                    return;
                }
                case PutResult.Exists(Durability level) -> {
                    settle(name, md5, chain, retryTime);
                    acknowledged(name, level);
                    return;
                }
                case PutResult.DigestMismatch(Md5 expected, Md5 actual) -> {
                    if (wrong >= Retry.WRONG_DIGESTS) {
                        throw new DamagedException(
                                "MD5 mismatch: blob "
                                        + name
                                        + " was sent "
                                        + (wrong + 1)
                                        + " times with "
                                        + expected
                                        + " and arrived with "
                                        + actual
                                        + "; check the memory and the network between");
                    }
                    retry.countWrongDigest();
                }
            }
        }
    }

    private void settle(BlobName name, Md5 md5, @Nullable String chain, Duration retryTime) {
        Optional<BlobInfo> there = head(name, retryTime);
        if (there.isEmpty()) {
            throw new BufferOverwriteException(
                    "blob " + name + " was refused as existing but cannot be seen");
        }
        if (!rules.isOurs(there.get(), md5, chain)) {
            throw new BufferOverwriteException(
                    "blob "
                            + name
                            + " is there with MD5 "
                            + there.get().md5()
                            + ", ours has "
                            + md5);
        }
    }

    private void acknowledged(BlobName name, Durability level) {
        given.add(level);
        if (!rules.isDurable(level, demanded)) {
            throw new NotDurableException(name, level, demanded);
        }
    }
}
