package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Worker;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Container;
import dev.forebay.control.BufferLayouts;
import dev.forebay.stream.BlockMap;
import dev.forebay.stream.BlockMeasurement;
import dev.forebay.stream.BufferEnd;
import dev.forebay.stream.BufferMissingException;
import dev.forebay.stream.EndMarker;
import dev.forebay.stream.ReadOptions;
import dev.forebay.wire.data.DataErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maps of complete buffers.
 *
 * <p><b>Guarantee.</b> A buffer whose blocks are uneven and do not say where they begin is measured
 * once, by asking each of its blobs, and what was found is kept in the catalogue as long as the
 * buffer is. One that ends while the server runs ({@link #ended}) is measured behind its writer's
 * back; any other with the first request that needs its map. Requests that come together, and the
 * thread behind them, share the work. A request asks for {@link #PATIENCE} at most and is then
 * refused with 503; the work goes on, and a later request goes on where it is. No lock is held for
 * longer than {@link #STEP} blobs.
 *
 * <p><b>Limit.</b> Remembers {@link #MOST} maps and as many measurements, which take 4 MiB each at
 * most. Of more than {@link #MOST_PENDING} buffers that wait to be measured, the others are
 * measured with their first request, and so are those that a stop of the server leaves. Where the
 * catalogue cannot keep a layout, it is measured once for each life of the server, and the log says
 * so.
 *
 * <p>Safe for use by many threads; blocks on the container and on the database.
 */
final class BlockMaps implements AutoCloseable {
    /** How long one request measures. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Blobs that are asked in one turn. */
    static final int STEP = 256;

    private static final int MOST = 64;
    private static final int MOST_PENDING = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(BlockMaps.class);

    /** A buffer, by its end marker too: a container that was deleted may be made again. */
    private record Key(String id, String marker, Instant written) {}

    private final Function<String, Optional<Container>> containers;
    private final BufferLayouts layouts;
    private final Clock clock;
    private final FaultLog faults;
    private final ReadOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();

    @GuardedBy("lock")
    private final Map<Key, BlockMap> known = new LinkedHashMap<>(16, 0.75f, true);

    @GuardedBy("lock")
    private final Map<Key, BlockMeasurement> begun = new LinkedHashMap<>(16, 0.75f, true);

    /** The buffers that are to be measured without a request, in the order in which they came. */
    @GuardedBy("lock")
    private final Set<String> pending = new LinkedHashSet<>();

    private volatile boolean closing;
    private final Worker worker;

    /**
     * None is known yet.
     *
     * @param containers opens one by its ID
     * @param options how a container is read; a blob that cannot be asked is not asked again by the
     *     same request
     */
    BlockMaps(
            Function<String, Optional<Container>> containers,
            BufferLayouts layouts,
            Clock clock,
            FaultLog faults,
            ReadOptions options) {
        this.containers = containers;
        this.layouts = layouts;
        this.clock = clock;
        this.faults = faults;
        this.options = options.withRetryTime(Duration.ZERO);
        this.worker = Worker.virtual("layouts", this::measurePending, BlockMaps::stopped);
    }

    private static void stopped(Throwable reason) {
        LOG.error(
                "buffers are measured with their first range request from now on; restart the"
                        + " server to have it done before",
                reason);
    }

    /** Has buffer {@code id}, whose end marker has come, measured if that is needed. */
    void ended(String id) {
        lock.lock();
        try {
            if (pending.size() < MOST_PENDING && worker.isAlive()) {
                pending.add(id);
                more.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The map of buffer {@code id}.
     *
     * @param container has its blobs
     * @param end what its end marker says
     * @param marker the blob of the end marker
     * @throws DataPlaneRefusal if it is still being measured after {@link #PATIENCE}
     * @throws DamagedException if a blob is missing, or is not where it should be
     */
    BlockMap of(String id, Container container, EndMarker end, BlobInfo marker) {
        long deadline = clock.deadline(PATIENCE);
        return find(id, container, end, marker, () -> clock.nanos() - deadline < 0)
                .orElseThrow(() -> {
                    if (closing) {
                        return new DataPlaneRefusal(503, DataErrorCode.SERVER_BUSY, Words.STOPPING);
                    }
                    long asked = begun(key(id, marker), end).asked();
                    ended(id);
                    return DataPlaneRefusal.busy(
                            DataErrorCode.SERVER_BUSY,
                            PATIENCE,
                            "the blocks of this buffer do not say where they begin and are being"
                                    + " measured, once for ever: %d were asked so far; repeat the"
                                            .formatted(asked)
                                    + " request");
                });
    }

    private static Key key(String id, BlobInfo marker) {
        return new Key(id, marker.md5().base64(), marker.modified());
    }

    /** The map, or empty if it is not known when {@code patience} is over. */
    private Optional<BlockMap> find(
            String id,
            Container container,
            EndMarker end,
            BlobInfo marker,
            BooleanSupplier patience) {
        Key key = key(id, marker);
        BlockMap remembered = remembered(key);
        if (remembered != null) {
            return Optional.of(remembered);
        }
        Optional<BlockMap> told =
                BlockMap.announced(container, end, options)
                        .or(() ->
                                kept(id).flatMap(layout ->
                                        BlockMap.restored(layout, container, end, options)));
        if (told.isPresent()) {
            boolean _ = remember(key, told.get());
            return told;
        }
        return measured(key, container, end, patience);
    }

    private Optional<BlockMap> measured(
            Key key, Container container, EndMarker end, BooleanSupplier patience) {
        BlockMeasurement measurement = begun(key, end);
        do {
            Optional<BlockMap> found = measurement.step(container, options, STEP);
            if (found.isPresent()) {
                if (remember(key, found.get())) {
                    found.flatMap(BlockMap::stored).ifPresent(layout -> keep(key.id(), layout));
                }
                return found;
            }
        } while (!closing && patience.getAsBoolean());
        return Optional.empty();
    }

    /** The measurement of a buffer, which may be done already. */
    private BlockMeasurement begun(Key key, EndMarker end) {
        lock.lock();
        try {
            BlockMeasurement measurement =
                    begun.computeIfAbsent(key, _ -> new BlockMeasurement(end));
            trim(begun);
            return measurement;
        } finally {
            lock.unlock();
        }
    }

    private Optional<byte[]> kept(String id) {
        try {
            return layouts.find(id);
        } catch (ForebayException e) {
            warn(
                    "find",
                    "the layout of buffer {} was not found in the catalogue; it is measured",
                    id,
                    e);
            return Optional.empty();
        }
    }

    private void keep(String id, byte[] layout) {
        try {
            layouts.keep(id, layout);
        } catch (ForebayException e) {
            warn(
                    "keep",
                    "the layout of buffer {} was not kept; the next server measures it again",
                    id,
                    e);
        }
    }

    private void warn(String doing, String words, String id, ForebayException reason) {
        if (faults.begins("layouts: " + doing)) {
            LOG.warn(words, id, reason);
        }
    }

    private @Nullable BlockMap remembered(Key key) {
        lock.lock();
        try {
            return known.get(key);
        } finally {
            lock.unlock();
        }
    }

    /** True if it was not known. */
    private boolean remember(Key key, BlockMap map) {
        lock.lock();
        try {
            boolean first = known.put(key, map) == null;
            trim(known);
            return first;
        } finally {
            lock.unlock();
        }
    }

    private static <T> void trim(Map<Key, T> map) {
        if (map.size() > MOST) {
            Iterator<Key> oldest = map.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    private void measurePending() {
        for (String id = next(); id != null; id = next()) {
            try {
                measure(id);
            } catch (BufferMissingException e) {
                LOG.debug("buffer {} was deleted before it was measured", id, e);
            } catch (RuntimeException e) {
                LOG.info("buffer {} was not measured; its next reader does it", id, e);
            }
        }
    }

    /** The next buffer to measure, or null when this is closed. */
    private @Nullable String next() {
        lock.lock();
        try {
            while (pending.isEmpty() && !closing) {
                more.awaitUninterruptibly();
            }
            if (closing) {
                return null;
            }
            Iterator<String> first = pending.iterator();
            String id = first.next();
            first.remove();
            return id;
        } finally {
            lock.unlock();
        }
    }

    private void measure(String id) {
        Optional<Container> container = containers.apply(id);
        if (container.isEmpty()) {
            return;
        }
        Optional<BlobInfo> marker = container.get().head(EndMarker.NAME);
        if (marker.isPresent()
                && BufferEnd.of(container.get(), options)
                        instanceof BufferEnd.Complete(EndMarker end)
                && BlockMap.announced(container.get(), end, options).isEmpty()) {
            Optional<BlockMap> _ = find(id, container.get(), end, marker.get(), () -> true);
        }
    }

    /** Ends requests that measure, and the thread behind them. Never blocks. */
    void release() {
        lock.lock();
        try {
            closing = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The same, and waits for the turn under way. */
    @Override
    public void close() {
        release();
        worker.join();
    }
}
