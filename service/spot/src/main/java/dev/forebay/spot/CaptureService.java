package dev.forebay.spot;

import dev.forebay.spot.proto.CaptureActionId;
import dev.forebay.spot.proto.DataAcquisitionStoreServiceGrpc.DataAcquisitionStoreServiceImplBase;
import dev.forebay.spot.proto.DataChunk;
import dev.forebay.spot.proto.DataIdentifier;
import dev.forebay.spot.proto.DataQueryParams;
import dev.forebay.spot.proto.ListCaptureActionsRequest;
import dev.forebay.spot.proto.ListCaptureActionsResponse;
import dev.forebay.spot.proto.ListStoredAlertDataRequest;
import dev.forebay.spot.proto.ListStoredAlertDataResponse;
import dev.forebay.spot.proto.ListStoredDataRequest;
import dev.forebay.spot.proto.ListStoredDataResponse;
import dev.forebay.spot.proto.ListStoredImagesRequest;
import dev.forebay.spot.proto.ListStoredImagesResponse;
import dev.forebay.spot.proto.ListStoredMetadataRequest;
import dev.forebay.spot.proto.ListStoredMetadataResponse;
import dev.forebay.spot.proto.QueryMaxCaptureIdRequest;
import dev.forebay.spot.proto.QueryMaxCaptureIdResponse;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import dev.forebay.spot.proto.QueryStoredCaptureResult.ResultCase;
import dev.forebay.spot.proto.QueryStoredCapturesRequest;
import dev.forebay.spot.proto.StoreAlertDataRequest;
import dev.forebay.spot.proto.StoreAlertDataResponse;
import dev.forebay.spot.proto.StoreDataRequest;
import dev.forebay.spot.proto.StoreDataResponse;
import dev.forebay.spot.proto.StoreDataStreamRequest;
import dev.forebay.spot.proto.StoreDataStreamResponse;
import dev.forebay.spot.proto.StoreImageRequest;
import dev.forebay.spot.proto.StoreImageResponse;
import dev.forebay.spot.proto.StoreMetadataRequest;
import dev.forebay.spot.proto.StoreMetadataResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores captures and gives them back. An answer that says OK means that the capture is {@code
 * SYNCED}. Used by many threads; its methods block for the disk.
 */
final class CaptureService extends DataAcquisitionStoreServiceImplBase {
    /** Identifiers in a list; they stay far below what a client takes. */
    private static final int MOST = 100_000;

    private final CaptureStore store;

    CaptureService(CaptureStore store) {
        this.store = store;
    }

    private static QueryStoredCaptureResult.Builder named(boolean given, DataIdentifier name) {
        if (!given || name.getActionId().getActionName().isEmpty()) {
            throw new InvalidRequestException(
                    "the capture has no name; set data_id with an action_id and its action_name");
        }
        return QueryStoredCaptureResult.newBuilder().setDataId(name);
    }

    private long store(QueryStoredCaptureResult.Builder capture) {
        return store.store(capture, Call.current().client());
    }

    private static <R> void send(StreamObserver<R> answer, R response) {
        answer.onNext(response);
        answer.onCompleted();
    }

    @Override
    public void storeImage(StoreImageRequest request, StreamObserver<StoreImageResponse> answer) {
        long id =
                store(named(request.hasDataId(), request.getDataId()).setImage(request.getImage()));
        send(answer, StoreImageResponse.newBuilder().setId(id).build());
    }

    @Override
    public void storeMetadata(
            StoreMetadataRequest request, StreamObserver<StoreMetadataResponse> answer) {
        long id =
                store(
                        named(request.hasDataId(), request.getDataId())
                                .setMetadata(request.getMetadata()));
        send(answer, StoreMetadataResponse.newBuilder().setId(id).build());
    }

    @Override
    public void storeAlertData(
            StoreAlertDataRequest request, StreamObserver<StoreAlertDataResponse> answer) {
        long id =
                store(
                        named(request.hasDataId(), request.getDataId())
                                .setAlertData(request.getAlertData()));
        send(answer, StoreAlertDataResponse.newBuilder().setId(id).build());
    }

    @Override
    public void storeData(StoreDataRequest request, StreamObserver<StoreDataResponse> answer) {
        QueryStoredCaptureResult.Builder capture = named(request.hasDataId(), request.getDataId());
        capture.getDataBuilder()
                .setData(request.getData())
                .setFileExtension(request.getFileExtension());
        send(answer, StoreDataResponse.newBuilder().setId(store(capture)).build());
    }

    @Override
    public StreamObserver<StoreDataStreamRequest> storeDataStream(
            StreamObserver<StoreDataStreamResponse> answer) {
        return new LargeCapture(answer);
    }

    /** Takes the pieces of a large capture; each is in the log before the next is taken. */
    private final class LargeCapture implements StreamObserver<StoreDataStreamRequest> {
        private final StreamObserver<StoreDataStreamResponse> answer;
        private long id;
        private long stored;
        private long total;

        LargeCapture(StreamObserver<StoreDataStreamResponse> answer) {
            this.answer = answer;
        }

        @Override
        public void onNext(StoreDataStreamRequest request) {
            QueryStoredCaptureResult.Builder piece =
                    named(request.hasDataId(), request.getDataId());
            piece.getLargeDataBuilder()
                    .setChunk(request.getChunk())
                    .setOffset(stored)
                    .setFileExtension(request.getFileExtension());
            if (id == 0) {
                total = request.getChunk().getTotalSize();
                id = store(piece);
            } else {
                store.storePiece(piece, id, Call.current().client());
            }
            stored += request.getChunk().getData().size();
        }

        @Override
        public void onError(Throwable cutOff) {
            // The pieces stay in the log; what is not whole is not given.
        }

        @Override
        public void onCompleted() {
            if (id == 0) {
                throw new InvalidRequestException(
                        "the stream ended before its first message; send the data in one or more");
            }
            if (stored != total) {
                throw new InvalidRequestException(
                        "the stream has %d bytes and its first message says %d; send it again"
                                .formatted(stored, total));
            }
            send(answer, StoreDataStreamResponse.newBuilder().setId(id).build());
        }
    }

    private Map<Long, DataIdentifier> found(DataQueryParams query, Set<ResultCase> kinds) {
        CapturesFound found =
                CapturesFound.of(store, CaptureSelection.of(query, kinds), Long.MAX_VALUE, MOST);
        if (found.size() > MOST) {
            throw new InvalidRequestException(
                    "more than %d captures fit; ask for a shorter time, or for fewer actions"
                            .formatted(MOST));
        }
        return found.complete();
    }

    private List<DataIdentifier> identifiers(DataQueryParams query, ResultCase... kinds) {
        return new ArrayList<>(found(query, Set.of(kinds)).values());
    }

    @Override
    public void listCaptureActions(
            ListCaptureActionsRequest request, StreamObserver<ListCaptureActionsResponse> answer) {
        Set<CaptureActionId> actions = new LinkedHashSet<>();
        found(request.getQuery(), EnumSet.complementOf(EnumSet.of(ResultCase.RESULT_NOT_SET)))
                .values()
                .forEach(name -> actions.add(name.getActionId()));
        send(answer, ListCaptureActionsResponse.newBuilder().addAllActionIds(actions).build());
    }

    @Override
    public void listStoredData(
            ListStoredDataRequest request, StreamObserver<ListStoredDataResponse> answer) {
        send(
                answer,
                ListStoredDataResponse.newBuilder()
                        .addAllDataIds(
                                identifiers(
                                        request.getQuery(), ResultCase.DATA, ResultCase.LARGE_DATA))
                        .build());
    }

    @Override
    public void listStoredImages(
            ListStoredImagesRequest request, StreamObserver<ListStoredImagesResponse> answer) {
        send(
                answer,
                ListStoredImagesResponse.newBuilder()
                        .addAllDataIds(identifiers(request.getQuery(), ResultCase.IMAGE))
                        .build());
    }

    @Override
    public void listStoredMetadata(
            ListStoredMetadataRequest request, StreamObserver<ListStoredMetadataResponse> answer) {
        send(
                answer,
                ListStoredMetadataResponse.newBuilder()
                        .addAllDataIds(identifiers(request.getQuery(), ResultCase.METADATA))
                        .build());
    }

    @Override
    public void listStoredAlertData(
            ListStoredAlertDataRequest request,
            StreamObserver<ListStoredAlertDataResponse> answer) {
        send(
                answer,
                ListStoredAlertDataResponse.newBuilder()
                        .addAllDataIds(identifiers(request.getQuery(), ResultCase.ALERT_DATA))
                        .build());
    }

    @Override
    public void queryStoredCaptures(
            QueryStoredCapturesRequest request, StreamObserver<DataChunk> answer) {
        CaptureAnswer.start(
                store,
                request.getQuery(),
                Call.current(),
                (ServerCallStreamObserver<DataChunk>) answer);
    }

    @Override
    public void queryMaxCaptureId(
            QueryMaxCaptureIdRequest request, StreamObserver<QueryMaxCaptureIdResponse> answer) {
        send(
                answer,
                QueryMaxCaptureIdResponse.newBuilder().setMaxCaptureId(store.greatest()).build());
    }
}
