package dev.forebay.spot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.spot.proto.TimeSyncEstimate;
import dev.forebay.spot.proto.TimeSyncRoundTrip;
import dev.forebay.spot.proto.TimeSyncServiceGrpc.TimeSyncServiceImplBase;
import dev.forebay.spot.proto.TimeSyncState;
import dev.forebay.spot.proto.TimeSyncUpdateRequest;
import dev.forebay.spot.proto.TimeSyncUpdateResponse;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Estimates how far a client's clock is behind this server's.
 *
 * <p><b>Guarantee.</b> The estimate is that of the shortest round trip of the last minutes.
 * <b>Limit.</b> The {@value #MOST} clients that asked last are known; another begins anew. Safe for
 * use by many threads; does not block.
 */
final class TimeSyncService extends TimeSyncServiceImplBase {
    private static final int MOST = 4096;

    /** An estimate this old yields to any newer one: clocks drift. */
    private static final long OLD_NANOS = 600_000_000_000L;

    /**
     * @param trip how long the round trip took without the server's part, in nanoseconds
     * @param skew the server's clock less the client's
     * @param measured by the monotonic clock
     */
    private record Estimate(long trip, long skew, long measured) {
        TimeSyncEstimate toWire() {
            return TimeSyncEstimate.newBuilder()
                    .setRoundTripTime(Times.duration(trip))
                    .setClockSkew(Times.duration(skew))
                    .build();
        }
    }

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** The best estimate of each client, by the identifier that it was given. */
    @GuardedBy("lock")
    private final Map<String, Estimate> best =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Estimate> eldest) {
                    return size() > MOST;
                }
            };

    TimeSyncService(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void timeSyncUpdate(
            TimeSyncUpdateRequest request, StreamObserver<TimeSyncUpdateResponse> answer) {
        String client = request.getClockIdentifier();
        TimeSyncUpdateResponse.Builder response = TimeSyncUpdateResponse.newBuilder();
        @Nullable Estimate chosen = null;
        if (request.hasPreviousRoundTrip()) {
            if (client.isEmpty() || client.length() > 256) {
                throw new InvalidRequestException(
                        "the request has a round trip and a clock identifier of %d characters; expected the identifier of the first answer"
                                .formatted(client.length()));
            }
            Estimate last = estimate(request.getPreviousRoundTrip());
            response.setPreviousEstimate(last.toWire());
            chosen = better(client, last);
        } else if (!client.isEmpty()) {
            chosen = known(client);
        }
        TimeSyncState.Builder state =
                TimeSyncState.newBuilder().setMeasurementTime(Times.of(clock.wall()));
        if (chosen == null) {
            state.setStatus(TimeSyncState.Status.STATUS_MORE_SAMPLES_NEEDED);
        } else {
            state.setStatus(TimeSyncState.Status.STATUS_OK).setBestEstimate(chosen.toWire());
        }
        response.setState(state)
                .setClockIdentifier(client.isEmpty() ? UUID.randomUUID().toString() : client);
        answer.onNext(response.build());
        answer.onCompleted();
    }

    private Estimate estimate(TimeSyncRoundTrip trip) {
        long clientSent = Times.nanosOf("client_tx", trip.getClientTx());
        long serverGot = Times.nanosOf("server_rx", trip.getServerRx());
        long serverSent = Times.nanosOf("server_tx", trip.getServerTx());
        long clientGot = Times.nanosOf("client_rx", trip.getClientRx());
        long there = serverGot - clientSent;
        long back = serverSent - clientGot;
        return new Estimate(
                clientGot - clientSent - (serverSent - serverGot),
                there / 2 + back / 2 + (there % 2 + back % 2) / 2,
                clock.nanos());
    }

    private Estimate better(String client, Estimate last) {
        lock.lock();
        try {
            return best.merge(
                    client,
                    last,
                    (before, now) ->
                            now.trip <= before.trip || now.measured - before.measured > OLD_NANOS
                                    ? now
                                    : before);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Estimate known(String client) {
        lock.lock();
        try {
            return best.get(client);
        } finally {
            lock.unlock();
        }
    }
}
