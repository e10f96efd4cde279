package dev.forebay.spot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.PageSummary;
import dev.forebay.datalog.Recorded;
import dev.forebay.datalog.SeriesSummary;
import dev.forebay.datalog.TailPosition;
import dev.forebay.datalog.TimeRange;
import dev.forebay.spot.proto.CaptureActionId;
import dev.forebay.spot.proto.DataIdentifier;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Captures in the log: each is a blob of the type {@value #TYPE} in its channel, and its number is
 * its time, in nanoseconds since 1970 or one more than the last. So numbers ascend, also after a
 * restart and when the clock was set back. Metadata and alerts that clients recorded as blobs of
 * their own types are captures too.
 *
 * <p><b>Guarantee.</b> A capture that was stored is {@code SYNCED}.
 *
 * <p><b>Limit.</b> A large capture is one blob for each piece that came, all with its number. One
 * that was cut off stays in the log, and is not given. Reading looks at every capture from its
 * first on.
 *
 * <p>Safe for use by many threads. Blocks for the disk; one capture is stored at a time.
 */
final class CaptureStore {
    /** A capture, or a piece of one, with its identifier. */
    static final String TYPE = "bosdyn.api.QueryStoredCaptureResult";

    private static final String METADATA = "bosdyn.api.AssociatedMetadata";
    private static final String ALERT = "bosdyn.api.AssociatedAlertData";
    private static final Set<String> TYPES = Set.of(TYPE, METADATA, ALERT);

    private final DataLog log;
    private final Clock clock;
    private final ReentrantLock storing = new ReentrantLock();

    /** The greatest number that was given; 0 before the log was asked. */
    @GuardedBy("storing")
    private long last;

    CaptureStore(DataLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Stores a capture under a new number, which it returns. */
    long store(QueryStoredCaptureResult.Builder capture, String client) {
        storing.lock();
        try {
            long now = now();
            last = Math.max(now, Math.max(last, last == 0 ? greatest() : 0) + 1);
            write(capture, last, now, client);
            return last;
        } finally {
            storing.unlock();
        }
    }

    /** Stores one more piece of the capture of this number. */
    void storePiece(QueryStoredCaptureResult.Builder piece, long id, String client) {
        write(piece, id, now(), client);
    }

    private void write(QueryStoredCaptureResult.Builder capture, long id, long now, String client) {
        DataIdentifier.Builder name = capture.getDataIdBuilder().setId(id);
        if (!name.getActionId().hasTimestamp()) {
            name.getActionIdBuilder().setTimestamp(Times.of(now));
        }
        Recorded recorded =
                log.record(
                        List.of(
                                new Entry.Blob(
                                        OptionalLong.of(id),
                                        name.getChannel(),
                                        TYPE,
                                        client,
                                        capture.build().toByteString().asReadOnlyByteBuffer())),
                        Durability.SYNCED);
        if (!recorded.refusals().isEmpty()) {
            throw new LostCaptureException(
                    "the capture is not safely in the log: "
                            + recorded.refusals().getFirst().message());
        }
    }

    private long now() {
        Instant wall = clock.wall();
        return TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano();
    }

    /** The greatest number in the log, or 0. */
    long greatest() {
        long greatest = 0;
        for (PageSummary page : log.pages(TimeRange.ALL)) {
            for (SeriesSummary series : page.series()) {
                if (TYPES.contains(series.key().type())) {
                    greatest = Math.max(greatest, series.range().to());
                }
            }
        }
        return greatest;
    }

    /** Takes captures. */
    interface Reader {
        /**
         * Takes one, or a piece of one.
         *
         * @return whether more are wanted
         */
        boolean capture(QueryStoredCaptureResult capture);
    }

    /** Gives the captures with the numbers {@code first} to {@code last}, as they were stored. */
    void read(long first, long last, Set<String> channels, Reader reader) {
        DownloadFilter filter =
                new DownloadFilter(
                        new TimeRange(first, last),
                        TYPES,
                        channels,
                        Set.of(),
                        Set.of(),
                        OptionalInt.empty(),
                        Set.of());
        log.follow(
                TailPosition.START,
                filter,
                (key, nanos, payload) -> reader.capture(parsed(key.type(), nanos, payload)));
    }

    /** What a stored blob holds; nothing but an identifier if it is no capture. */
    private static QueryStoredCaptureResult parsed(String type, long nanos, ByteBuffer payload) {
        QueryStoredCaptureResult.Builder capture = QueryStoredCaptureResult.newBuilder();
        try {
            switch (type) {
                case METADATA -> {
                    capture.getMetadataBuilder().mergeFrom(bytes(payload));
                    capture.setDataId(capture.getMetadata().getReferenceId());
                }
                case ALERT -> {
                    capture.getAlertDataBuilder().mergeFrom(bytes(payload));
                    capture.setDataId(capture.getAlertData().getReferenceId());
                }
                default -> capture.mergeFrom(bytes(payload));
            }
        } catch (InvalidProtocolBufferException e) {
            capture.clear(); // A client may give a blob any type.
        }
        capture.getDataIdBuilder().setId(nanos);
        return capture.build();
    }

    private static byte[] bytes(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return bytes;
    }

    /** Whether the action is meant by {@code pattern}: whatever that leaves out may be anything. */
    static boolean fits(CaptureActionId pattern, CaptureActionId action) {
        return (pattern.getActionName().isEmpty()
                        || pattern.getActionName().equals(action.getActionName()))
                && (pattern.getGroupName().isEmpty()
                        || pattern.getGroupName().equals(action.getGroupName()))
                && (!pattern.hasTimestamp()
                        || pattern.getTimestamp().equals(action.getTimestamp()));
    }
}
