package dev.forebay.spot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.Refusal;
import dev.forebay.spot.proto.AuthServiceGrpc;
import dev.forebay.spot.proto.BlobSpec;
import dev.forebay.spot.proto.CommonError;
import dev.forebay.spot.proto.DataBlob;
import dev.forebay.spot.proto.DataBufferServiceGrpc;
import dev.forebay.spot.proto.DataQuery;
import dev.forebay.spot.proto.DataServiceGrpc;
import dev.forebay.spot.proto.Event;
import dev.forebay.spot.proto.EventSpec;
import dev.forebay.spot.proto.EventsCommentsSpec;
import dev.forebay.spot.proto.GetAuthTokenRequest;
import dev.forebay.spot.proto.GetDataIndexRequest;
import dev.forebay.spot.proto.GetDataIndexResponse;
import dev.forebay.spot.proto.GetEventsCommentsRequest;
import dev.forebay.spot.proto.RecordDataBlobsRequest;
import dev.forebay.spot.proto.RecordDataBlobsResponse;
import dev.forebay.spot.proto.RecordEventsRequest;
import dev.forebay.spot.proto.RequestHeader;
import dev.forebay.spot.proto.ResponseHeader;
import dev.forebay.spot.proto.TimeSyncRoundTrip;
import dev.forebay.spot.proto.TimeSyncServiceGrpc;
import dev.forebay.spot.proto.TimeSyncServiceGrpc.TimeSyncServiceBlockingStub;
import dev.forebay.spot.proto.TimeSyncState;
import dev.forebay.spot.proto.TimeSyncUpdateRequest;
import dev.forebay.spot.proto.TimeSyncUpdateResponse;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds for every call, seen by a client that is not the stock one. */
class ServicesTest {
    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_000));
    private InProcess services;

    @BeforeEach
    void start() throws IOException {
        services = new InProcess(disk, clock, false);
    }

    @AfterEach
    void stop() throws InterruptedException {
        disk.faults(Faults.NONE);
        services.close();
    }

    private static RequestHeader header() {
        return RequestHeader.newBuilder()
                .setRequestTimestamp(Times.of(Instant.ofEpochSecond(7)))
                .setClientName("programhost:script.py-123")
                .build();
    }

    private DataBufferServiceGrpc.DataBufferServiceBlockingStub buffer() {
        return services.loggedIn(DataBufferServiceGrpc.newBlockingStub(services.channel()));
    }

    private static RecordDataBlobsRequest blob(String type, boolean sync) {
        return RecordDataBlobsRequest.newBuilder()
                .setHeader(header())
                .addBlobData(
                        DataBlob.newBuilder()
                                .setTypeId(type)
                                .setData(ByteString.copyFromUtf8("payload")))
                .setSync(sync)
                .build();
    }

    @Test
    void answerEchoesTheHeaderOfItsRequestAndSaysWhenItCameAndWent() {
        ResponseHeader answer = buffer().recordDataBlobs(blob("test", false)).getHeader();
        assertThat(answer.getRequestHeader()).isEqualTo(header());
        assertThat(answer.getError().getCode()).isEqualTo(CommonError.Code.CODE_OK);
        assertThat(answer.getRequestReceivedTimestamp()).isEqualTo(Times.of(clock.wall()));
        assertThat(answer.getResponseTimestamp()).isEqualTo(Times.of(clock.wall()));
    }

    @Test
    void requestThatIsWrongIsAnsweredInItsHeader() {
        ResponseHeader answer =
                AuthServiceGrpc.newBlockingStub(services.channel())
                        .getAuthToken(GetAuthTokenRequest.newBuilder().setHeader(header()).build())
                        .getHeader();
        assertThat(answer.getRequestHeader()).isEqualTo(header());
        assertThat(answer.getError().getCode()).isEqualTo(CommonError.Code.CODE_INVALID_REQUEST);
        assertThat(answer.getError().getMessage()).contains("set a username");
    }

    @Test
    void onlyTheTokenOfAUserOpensAService() throws Exception {
        RecordDataBlobsRequest request = blob("test", false);
        DataBufferServiceGrpc.DataBufferServiceBlockingStub plain =
                DataBufferServiceGrpc.newBlockingStub(services.channel());
        assertUnauthenticated(() -> plain.recordDataBlobs(request));
        assertUnauthenticated(() -> services.with(plain, "None").recordDataBlobs(request));
        String changed = services.token.substring(1) + services.token.charAt(0);
        assertUnauthenticated(() -> services.with(plain, changed).recordDataBlobs(request));
        assertThat(buffer().recordDataBlobs(request).getErrorsList()).isEmpty();
        services.users.remove(InProcess.USER);
        assertUnauthenticated(() -> buffer().recordDataBlobs(request));
        assertThat(services.log.ledger().taken()).isEqualTo(1);
    }

    @Test
    void indexOfTooManyPagesIsRefused() {
        int channels = 200;
        RecordDataBlobsRequest.Builder blobs = RecordDataBlobsRequest.newBuilder();
        for (int i = 0; i < channels; i++) {
            blobs.addBlobData(
                    DataBlob.newBuilder()
                            .setTypeId("t")
                            .setChannel("c" + i)
                            .setData(ByteString.copyFromUtf8("x")));
        }
        assertThat(buffer().recordDataBlobs(blobs.build()).getErrorsList()).isEmpty();
        DataQuery.Builder most = DataQuery.newBuilder();
        for (int i = 0; i < DataService.MOST_PAGES / channels; i++) {
            most.addBlobs(BlobSpec.getDefaultInstance());
        }
        assertThat(index(most).getHeader().getError().getCode())
                .isEqualTo(CommonError.Code.CODE_OK);
        CommonError refused =
                index(most.addBlobs(BlobSpec.getDefaultInstance())).getHeader().getError();
        assertThat(refused.getCode()).isEqualTo(CommonError.Code.CODE_INVALID_REQUEST);
        assertThat(refused.getMessage()).contains("ask for a shorter time");
    }

    private GetDataIndexResponse index(DataQuery.Builder query) {
        return services.loggedIn(
                        DataServiceGrpc.newBlockingStub(services.channel())
                                .withMaxInboundMessageSize(100 << 20))
                .getDataIndex(GetDataIndexRequest.newBuilder().setDataQuery(query).build());
    }

    private interface Attempt {
        Object run();
    }

    private static void assertUnauthenticated(Attempt attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused ->
                                assertThat(refused.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNAUTHENTICATED));
    }

    @Test
    void blobThatIsAnsweredWithSyncSurvivesAPowerCut() {
        assertThat(buffer().recordDataBlobs(blob("synced", true)).getErrorsList()).isEmpty();
        try (DataLog after =
                DataLog.open(
                        disk.crash(Survival.NOTHING),
                        clock,
                        InProcess.FOLDER,
                        DataLogSettings.defaults())) {
            assertThat(after.status().blobs())
                    .singleElement()
                    .satisfies(key -> {
                        assertThat(key.type()).isEqualTo("synced");
                        assertThat(key.channel()).isEqualTo("synced");
                        assertThat(key.source()).isEqualTo("programhost");
                    });
        }
    }

    @Test
    void blobThatIsAnsweredSurvivesTheProcess() {
        assertThat(buffer().recordDataBlobs(blob("written", false)).getErrorsList()).isEmpty();
        try (DataLog after =
                DataLog.open(disk.kill(), clock, InProcess.FOLDER, DataLogSettings.defaults())) {
            assertThat(after.status().blobs()).hasSize(1);
        }
    }

    @Test
    void blobWithoutATypeIsRefusedByItselfAndCounted() {
        RecordDataBlobsResponse answer =
                buffer().recordDataBlobs(
                                blob("good", false).toBuilder()
                                        .addBlobData(0, DataBlob.newBuilder().setChannel("c"))
                                        .build());
        assertThat(answer.getHeader().getError().getCode()).isEqualTo(CommonError.Code.CODE_OK);
        assertThat(answer.getErrorsList())
                .singleElement()
                .satisfies(error -> {
                    assertThat(error.getIndex()).isZero();
                    assertThat(error.getType())
                            .isEqualTo(RecordDataBlobsResponse.Error.Type.CLIENT_ERROR);
                    assertThat(error.getMessage()).contains("type_id");
                });
        assertThat(services.log.ledger().refused()).containsEntry(Refusal.Reason.INVALID, 1L);
        assertThat(services.log.ledger().taken()).isEqualTo(1);
    }

    @Test
    void entryThatTheLogCouldNotTakeIsSeenByAClientThatLooksAtTheHeaderOnly() {
        disk.faults(Faults.failNth(1, call -> call.path().toString().contains("pages")));
        RecordDataBlobsResponse answer = buffer().recordDataBlobs(blob("lost", true));
        assertThat(answer.getHeader().getError().getCode())
                .isEqualTo(CommonError.Code.CODE_INTERNAL_SERVER_ERROR);
        assertThat(answer.getHeader().getError().getMessage()).startsWith("1 entries are not");
        assertThat(answer.getErrors(0).getType())
                .isEqualTo(RecordDataBlobsResponse.Error.Type.SERVER_ERROR);
    }

    @Test
    void callOfAClosedLogIsToldThatTheServerStops() {
        services.log.close();
        assertThatThrownBy(() -> buffer().recordDataBlobs(blob("late", false)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> {
                            assertThat(refused.getStatus().getCode())
                                    .isEqualTo(Status.Code.UNAVAILABLE);
                            assertThat(refused.getStatus().getDescription())
                                    .contains("server is stopping");
                        });
    }

    @Test
    void eventThatIsSentOnceWithoutAnIdentifierGetsOne() {
        Event event =
                Event.newBuilder()
                        .setType("test:once")
                        .setStartTime(Times.of(5))
                        .setEndTime(Times.of(6))
                        .build();
        Event running = event.toBuilder().setType("test:running").clearEndTime().build();
        Event named = event.toBuilder().setId("mine").build();
        buffer().recordEvents(
                        RecordEventsRequest.newBuilder()
                                .addEvents(event)
                                .addEvents(running)
                                .addEvents(named)
                                .build());
        assertThat(
                        services.loggedIn(DataServiceGrpc.newBlockingStub(services.channel()))
                                .getEventsComments(
                                        GetEventsCommentsRequest.newBuilder()
                                                .setEventCommentRequest(
                                                        EventsCommentsSpec.newBuilder()
                                                                .addEvents(
                                                                        EventSpec
                                                                                .getDefaultInstance()))
                                                .build())
                                .getEventsComments()
                                .getEventsList())
                .extracting(Event::getId)
                .satisfiesExactlyInAnyOrder(
                        id -> assertThat(id).hasSize(36),
                        id -> assertThat(id).isEmpty(),
                        id -> assertThat(id).isEqualTo("mine"));
    }

    @Test
    void estimateOfTheClockIsThatOfTheShortestRoundTrip() {
        TimeSyncServiceBlockingStub stub =
                services.loggedIn(TimeSyncServiceGrpc.newBlockingStub(services.channel()));
        TimeSyncUpdateResponse first =
                stub.timeSyncUpdate(TimeSyncUpdateRequest.getDefaultInstance());
        assertThat(first.getState().getStatus())
                .isEqualTo(TimeSyncState.Status.STATUS_MORE_SAMPLES_NEEDED);
        String id = first.getClockIdentifier();
        assertThat(id).isNotEmpty();
        // The server is 1000 ahead; the way there takes 10 and back 30, then 2 and 2, then 5 and 5.
        assertEstimate(stub, id, trip(0, 1010, 1011, 41), 40, 990);
        assertEstimate(stub, id, trip(100, 1102, 1103, 105), 4, 1000);
        assertEstimate(stub, id, trip(200, 1205, 1206, 211), 4, 1000);
        assertThat(
                        stub.timeSyncUpdate(
                                        TimeSyncUpdateRequest.newBuilder()
                                                .setPreviousRoundTrip(trip(0, 1, 2, 3))
                                                .build())
                                .getHeader()
                                .getError()
                                .getCode())
                .isEqualTo(CommonError.Code.CODE_INVALID_REQUEST);
    }

    private static TimeSyncRoundTrip trip(long sent, long got, long answered, long back) {
        return TimeSyncRoundTrip.newBuilder()
                .setClientTx(Times.of(sent))
                .setServerRx(Times.of(got))
                .setServerTx(Times.of(answered))
                .setClientRx(Times.of(back))
                .build();
    }

    private static void assertEstimate(
            TimeSyncServiceBlockingStub stub,
            String id,
            TimeSyncRoundTrip trip,
            long best,
            long skew) {
        TimeSyncUpdateResponse answer =
                stub.timeSyncUpdate(
                        TimeSyncUpdateRequest.newBuilder()
                                .setClockIdentifier(id)
                                .setPreviousRoundTrip(trip)
                                .build());
        assertThat(answer.getClockIdentifier()).isEqualTo(id);
        assertThat(answer.getState().getStatus()).isEqualTo(TimeSyncState.Status.STATUS_OK);
        assertThat(answer.getState().getBestEstimate().getRoundTripTime())
                .isEqualTo(Times.duration(best));
        assertThat(answer.getState().getBestEstimate().getClockSkew())
                .isEqualTo(Times.duration(skew));
    }

    @Test
    void bytesThatAreNoMessageAreRefusedByItsName() {
        MethodDescriptor<byte[], byte[]> raw =
                MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                DataBufferServiceGrpc.getRecordDataBlobsMethod()
                                        .getFullMethodName())
                        .build();
        CallOptions options = buffer().getCallOptions();
        byte[] broken = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
        assertThatThrownBy(() ->
                        ClientCalls.blockingUnaryCall(services.channel(), raw, options, broken))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> {
                            assertThat(refused.getStatus().getCode())
                                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
                            assertThat(refused.getStatus().getDescription())
                                    .startsWith(
                                            "the request is not a bosdyn.api.RecordDataBlobsRequest"
                                                    + " message: ");
                        });
        assertThat(ClientCalls.blockingUnaryCall(services.channel(), raw, options, new byte[0]))
                .isNotEmpty();
    }

    /** Messages as they are on the wire. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
