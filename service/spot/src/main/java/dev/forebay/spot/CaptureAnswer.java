package dev.forebay.spot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import dev.forebay.base.Worker;
import dev.forebay.datalog.DataLogException;
import dev.forebay.spot.proto.CaptureActionId;
import dev.forebay.spot.proto.CommonError;
import dev.forebay.spot.proto.DataChunk;
import dev.forebay.spot.proto.QueryParameters;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import dev.forebay.spot.proto.QueryStoredCapturesResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The captures of a query, as the bytes of one answer in chunks: at most {@value #MOST_BYTES} bytes
 * of captures, or one that is larger. Its client asks for what comes behind the last.
 *
 * <p>A thread of its own reads one capture at a time and waits while the client does not take what
 * is there, so no more than one capture is in memory. It ends when the call does.
 */
final class CaptureAnswer {
    private static final long MOST_BYTES = 32L << 20;
    private static final int CHUNK = 1 << 20;

    private final CaptureStore store;
    private final QueryParameters query;
    private final Call call;
    private final ServerCallStreamObserver<DataChunk> client;
    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when the client may take more, or is gone. */
    @GuardedBy("lock")
    private final Condition changed = lock.newCondition();

    private long sent;

    private CaptureAnswer(
            CaptureStore store,
            QueryParameters query,
            Call call,
            ServerCallStreamObserver<DataChunk> client) {
        this.store = store;
        this.query = query;
        this.call = call;
        this.client = client;
    }

    /** Begins to answer; returns at once. */
    static void start(
            CaptureStore store,
            QueryParameters query,
            Call call,
            ServerCallStreamObserver<DataChunk> client) {
        CaptureAnswer answer = new CaptureAnswer(store, query, call, client);
        client.setOnReadyHandler(answer::wake);
        client.setOnCancelHandler(answer::wake);
        Worker.virtual("grpc-captures", answer::run, answer::failed);
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread of a call that ended. */
    private static final class GoneException extends Exception {
        private static final long serialVersionUID = 1;
    }

    private void failed(Throwable fault) {
        client.onError(
                Status.INTERNAL
                        .withDescription(Errors.of("QueryStoredCaptures", fault).getMessage())
                        .asRuntimeException());
    }

    private void run() throws InterruptedException {
        try {
            answer();
            client.onCompleted();
        } catch (GoneException e) {
            // The client is gone, so there is nobody to answer.
        }
    }

    private void answer() throws InterruptedException, GoneException {
        List<Long> ids;
        CaptureSelection selection;
        try {
            selection = CaptureSelection.of(query);
            boolean descending = query.getOrderDescending();
            ids =
                    new ArrayList<>(
                            CapturesFound.of(
                                            store,
                                            selection,
                                            descending ? Long.MAX_VALUE : MOST_BYTES,
                                            Integer.MAX_VALUE)
                                    .complete()
                                    .keySet());
            if (descending) {
                Collections.reverse(ids);
            }
        } catch (InvalidRequestException | DataLogException e) {
            send(header(Errors.of("QueryStoredCaptures", e)));
            return;
        }
        send(header(Errors.OK));
        Set<CaptureActionId> actions = new LinkedHashSet<>();
        for (long id : ids) {
            if (sent < MOST_BYTES) {
                send(id, selection, actions);
            }
        }
        send(
                QueryStoredCapturesResponse.newBuilder()
                        .addAllActionIds(actions)
                        .setMaxCaptureId(store.greatest())
                        .build());
    }

    private QueryStoredCapturesResponse header(CommonError error) {
        return QueryStoredCapturesResponse.newBuilder().setHeader(call.answer(error)).build();
    }

    private void send(long id, CaptureSelection selection, Set<CaptureActionId> actions)
            throws InterruptedException, GoneException {
        List<Long> offsets = new ArrayList<>();
        store.read(
                id,
                id,
                selection.channels(),
                capture -> offsets.add(capture.getLargeData().getOffset()));
        for (int i = 0; i < offsets.size(); i++) {
            // One piece at a time: the log is not held while the client takes it.
            int piece = i;
            List<QueryStoredCaptureResult> captures = new ArrayList<>(1);
            int[] met = {0};
            store.read(
                    id,
                    id,
                    selection.channels(),
                    capture -> {
                        if (met[0]++ < piece) {
                            return true;
                        }
                        captures.add(capture);
                        return false;
                    });
            for (QueryStoredCaptureResult capture : captures) {
                actions.add(capture.getDataId().getActionId());
                send(
                        QueryStoredCapturesResponse.newBuilder()
                                .addResults(
                                        query.getOnlyIncludeIdentifiers()
                                                ? QueryStoredCaptureResult.newBuilder()
                                                        .setDataId(capture.getDataId())
                                                        .build()
                                                : capture)
                                .build());
            }
            if (query.getOnlyIncludeIdentifiers()) {
                return;
            }
        }
    }

    /** Sends a part of the answer: parts one behind the other are one message. */
    private void send(QueryStoredCapturesResponse part) throws InterruptedException, GoneException {
        ByteString bytes = part.toByteString();
        sent += bytes.size();
        for (int at = 0; at < bytes.size(); at += CHUNK) {
            awaitReady();
            client.onNext(
                    DataChunk.newBuilder()
                            .setData(bytes.substring(at, Math.min(bytes.size(), at + CHUNK)))
                            .build());
        }
    }

    private void awaitReady() throws InterruptedException, GoneException {
        lock.lock();
        try {
            while (!client.isReady()) {
                if (client.isCancelled()) {
                    throw new GoneException();
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }
}
