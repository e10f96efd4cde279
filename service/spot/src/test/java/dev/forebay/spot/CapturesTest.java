package dev.forebay.spot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.forebay.spot.proto.AssociatedMetadata;
import dev.forebay.spot.proto.CaptureActionId;
import dev.forebay.spot.proto.CommonError;
import dev.forebay.spot.proto.DataAcquisitionStoreServiceGrpc;
import dev.forebay.spot.proto.DataAcquisitionStoreServiceGrpc.DataAcquisitionStoreServiceBlockingStub;
import dev.forebay.spot.proto.DataChunk;
import dev.forebay.spot.proto.DataIdentifier;
import dev.forebay.spot.proto.DataQueryParams;
import dev.forebay.spot.proto.ListStoredDataRequest;
import dev.forebay.spot.proto.QueryMaxCaptureIdRequest;
import dev.forebay.spot.proto.QueryParameters;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import dev.forebay.spot.proto.QueryStoredCapturesRequest;
import dev.forebay.spot.proto.QueryStoredCapturesResponse;
import dev.forebay.spot.proto.StoreDataRequest;
import dev.forebay.spot.proto.StoreDataResponse;
import dev.forebay.spot.proto.StoreDataStreamRequest;
import dev.forebay.spot.proto.StoreDataStreamResponse;
import dev.forebay.spot.proto.StoreMetadataRequest;
import dev.forebay.spot.proto.TimeRangeQuery;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Captures are stored, listed and given back, whole and each once. */
class CapturesTest {
    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_000));
    private InProcess services;

    @BeforeEach
    void start() throws Exception {
        services = new InProcess(disk, clock, true);
    }

    @AfterEach
    void stop() throws Exception {
        services.close();
    }

    private DataAcquisitionStoreServiceBlockingStub captures() {
        return services.loggedIn(
                DataAcquisitionStoreServiceGrpc.newBlockingStub(services.channel()));
    }

    private static DataIdentifier name(String action, String channel, String data) {
        return DataIdentifier.newBuilder()
                .setActionId(CaptureActionId.newBuilder().setActionName(action).setGroupName("g"))
                .setChannel(channel)
                .setDataName(data)
                .build();
    }

    private long store(String action, String channel, String data) {
        StoreDataResponse answer =
                captures()
                        .storeData(
                                StoreDataRequest.newBuilder()
                                        .setDataId(name(action, channel, data))
                                        .setData(ByteString.copyFromUtf8("bytes of " + data))
                                        .setFileExtension(".txt")
                                        .build());
        assertThat(answer.getHeader().getError().getCode()).isEqualTo(CommonError.Code.CODE_OK);
        return answer.getId();
    }

    private QueryStoredCapturesResponse query(QueryParameters.Builder query)
            throws InvalidProtocolBufferException {
        Iterator<DataChunk> chunks =
                captures()
                        .queryStoredCaptures(
                                QueryStoredCapturesRequest.newBuilder().setQuery(query).build());
        ByteString.Output all = ByteString.newOutput();
        while (chunks.hasNext()) {
            byte[] chunk = chunks.next().getData().toByteArray();
            all.write(chunk, 0, chunk.length);
        }
        return QueryStoredCapturesResponse.parseFrom(all.toByteString());
    }

    private static List<String> names(QueryStoredCapturesResponse answer) {
        return answer.getResultsList().stream()
                .map(result -> result.getDataId().getDataName())
                .toList();
    }

    @Test
    void captureIsGivenBackByEachFilterThatFits() throws Exception {
        store("walk", "left", "one");
        clock.advance(Duration.ofSeconds(10));
        long second = store("walk", "right", "two");
        clock.advance(Duration.ofSeconds(10));
        store("stand", "left", "three");
        QueryStoredCapturesResponse all = query(QueryParameters.newBuilder());
        assertThat(all.getHeader().getError().getCode()).isEqualTo(CommonError.Code.CODE_OK);
        assertThat(names(all)).containsExactly("one", "two", "three");
        assertThat(all.getResults(1).getData().getData().toStringUtf8()).isEqualTo("bytes of two");
        assertThat(all.getResults(1).getData().getFileExtension()).isEqualTo(".txt");
        assertThat(all.getResults(1).getDataId().getId()).isEqualTo(second);
        assertThat(all.getActionIdsList()).hasSize(3);
        assertThat(all.getMaxCaptureId()).isEqualTo(all.getResults(2).getDataId().getId());
        assertThat(names(query(QueryParameters.newBuilder().addChannels("left"))))
                .containsExactly("one", "three");
        assertThat(names(query(QueryParameters.newBuilder().setCapturesFromId(second))))
                .containsExactly("two", "three");
        assertThat(names(query(QueryParameters.newBuilder().setOrderDescending(true))))
                .containsExactly("three", "two", "one");
        CaptureActionId walk = CaptureActionId.newBuilder().setActionName("walk").build();
        assertThat(names(query(QueryParameters.newBuilder().addActionIds(walk))))
                .containsExactly("one", "two");
        TimeRangeQuery late =
                TimeRangeQuery.newBuilder()
                        .setFromTimestamp(Times.of(Instant.ofEpochSecond(1_010)))
                        .setToTimestamp(Times.of(Instant.ofEpochSecond(1_010)))
                        .build();
        assertThat(names(query(QueryParameters.newBuilder().setTimeRange(late))))
                .containsExactly("two");
        assertThat(query(QueryParameters.newBuilder().setIncludeImages(true)).getResultsList())
                .isEmpty();
        QueryStoredCapturesResponse identifiers =
                query(QueryParameters.newBuilder().setOnlyIncludeIdentifiers(true));
        assertThat(names(identifiers)).hasSize(3);
        assertThat(identifiers.getResults(0).hasData()).isFalse();
        assertThat(
                        captures()
                                .listStoredData(
                                        ListStoredDataRequest.newBuilder()
                                                .setQuery(
                                                        DataQueryParams.newBuilder()
                                                                .setTimeRange(late))
                                                .build())
                                .getDataIdsList())
                .extracting(DataIdentifier::getDataName)
                .containsExactly("two");
    }

    @Test
    void numbersAscendAcrossARestartAndAClockThatWasSetBack() throws Exception {
        long first = store("a", "c", "one");
        ManualClock earlier = new ManualClock(Instant.ofEpochSecond(10));
        CaptureStore again = new CaptureStore(services.log, earlier);
        assertThat(captures().queryMaxCaptureId(QueryMaxCaptureIdRequest.getDefaultInstance()))
                .satisfies(answer -> assertThat(answer.getMaxCaptureId()).isEqualTo(first));
        QueryStoredCaptureResult.Builder capture =
                QueryStoredCaptureResult.newBuilder().setDataId(name("a", "c", "two"));
        capture.getDataBuilder().setFileExtension(".txt");
        assertThat(again.store(capture, "client")).isEqualTo(first + 1);
        assertThat(names(query(QueryParameters.newBuilder()))).containsExactly("one", "two");
    }

    private static final class Answer implements StreamObserver<StoreDataStreamResponse> {
        private final CompletableFuture<StoreDataStreamResponse> got = new CompletableFuture<>();

        @Override
        public void onNext(StoreDataStreamResponse value) {
            got.complete(value);
        }

        @Override
        public void onError(Throwable fault) {
            got.completeExceptionally(fault);
        }

        @Override
        public void onCompleted() {
            got.completeExceptionally(new AssertionError("no answer"));
        }
    }

    private StoreDataStreamResponse stream(long total, String... pieces) throws Exception {
        Answer answer = new Answer();
        StreamObserver<StoreDataStreamRequest> to =
                services.loggedIn(DataAcquisitionStoreServiceGrpc.newStub(services.channel()))
                        .storeDataStream(answer);
        for (String piece : pieces) {
            to.onNext(
                    StoreDataStreamRequest.newBuilder()
                            .setDataId(name("large", "c", "video"))
                            .setFileExtension(".mp4")
                            .setChunk(
                                    DataChunk.newBuilder()
                                            .setTotalSize(total)
                                            .setData(ByteString.copyFromUtf8(piece)))
                            .build());
        }
        to.onCompleted();
        return answer.got.get(2, TimeUnit.MINUTES);
    }

    @Test
    void largeCaptureIsGivenOnlyWhenItIsWholeAndAskedFor() throws Exception {
        assertThat(stream(9, "begin ").getHeader().getError().getMessage())
                .contains("has 6 bytes and its first message says 9");
        assertThat(stream(0).getHeader().getError().getMessage()).contains("first message");
        assertThat(query(QueryParameters.newBuilder().setIncludeLarge(true)).getResultsList())
                .isEmpty();
        long id = stream(9, "begin ", "end").getId();
        store("a", "c", "small");
        assertThat(names(query(QueryParameters.newBuilder()))).containsExactly("small");
        QueryStoredCapturesResponse found =
                query(QueryParameters.newBuilder().setIncludeLarge(true));
        assertThat(found.getResultsList())
                .extracting(piece -> piece.getLargeData().getChunk().getData().toStringUtf8())
                .containsExactly("begin ", "end");
        assertThat(found.getResultsList())
                .extracting(piece -> piece.getLargeData().getOffset())
                .containsExactly(0L, 6L);
        assertThat(found.getResults(1).getDataId().getId()).isEqualTo(id);
    }

    @Test
    void captureWithoutANameAndAWrongTimeAreRefusedInTheHeader() throws Exception {
        CommonError unnamed =
                captures()
                        .storeMetadata(
                                StoreMetadataRequest.newBuilder()
                                        .setMetadata(AssociatedMetadata.getDefaultInstance())
                                        .build())
                        .getHeader()
                        .getError();
        assertThat(unnamed.getCode()).isEqualTo(CommonError.Code.CODE_INVALID_REQUEST);
        assertThat(unnamed.getMessage()).contains("action_name");
        TimeRangeQuery wrong =
                TimeRangeQuery.newBuilder()
                        .setFromTimestamp(
                                com.google.protobuf.Timestamp.newBuilder()
                                        .setSeconds(Long.MAX_VALUE))
                        .build();
        assertThat(
                        query(QueryParameters.newBuilder().setTimeRange(wrong))
                                .getHeader()
                                .getError()
                                .getCode())
                .isEqualTo(CommonError.Code.CODE_INVALID_REQUEST);
    }
}
