package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.blob.BlobInfo;
import dev.forebay.stream.BlockMap;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The maps of the complete buffers that were read last, so that one whose blobs must all be asked
 * for their sizes is measured once.
 *
 * <p><b>Limit.</b> {@link #MOST} of them, which take 8 MiB at most. Two requests that come together
 * may both measure. Safe for use by many threads; no lock is held while one measures.
 */
final class BlockMaps {
    private static final int MOST = 64;

    /** A buffer, by its end marker too: a container that was deleted may be made again. */
    private record Key(String id, String marker, Instant written) {}

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<Key, BlockMap> known = new LinkedHashMap<>(16, 0.75f, true);

    /** The map of buffer {@code id}, which {@code measure} makes if it is not known. */
    BlockMap of(String id, BlobInfo endMarker, Supplier<BlockMap> measure) {
        Key key = new Key(id, endMarker.md5().base64(), endMarker.modified());
        BlockMap found = find(key);
        if (found != null) {
            return found;
        }
        BlockMap made = measure.get();
        keep(key, made);
        return made;
    }

    private @Nullable BlockMap find(Key key) {
        lock.lock();
        try {
            return known.get(key);
        } finally {
            lock.unlock();
        }
    }

    private void keep(Key key, BlockMap map) {
        lock.lock();
        try {
            known.put(key, map);
            if (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }
}
