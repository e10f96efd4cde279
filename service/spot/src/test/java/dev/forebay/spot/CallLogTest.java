package dev.forebay.spot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.Kind;
import dev.forebay.datalog.TimeRange;
import dev.forebay.spot.proto.AuthServiceGrpc;
import dev.forebay.spot.proto.DataBlob;
import dev.forebay.spot.proto.DataBufferServiceGrpc;
import dev.forebay.spot.proto.GetAuthTokenRequest;
import dev.forebay.spot.proto.GetAuthTokenResponse;
import dev.forebay.spot.proto.RecordDataBlobsRequest;
import dev.forebay.spot.proto.RequestHeader;
import dev.forebay.spot.proto.RobotIdRequest;
import dev.forebay.spot.proto.RobotIdResponse;
import dev.forebay.spot.proto.RobotIdServiceGrpc;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The calls of the services are in the log, and what must not be there is not. */
class CallLogTest {
    private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_000));
    private InProcess services;

    @BeforeEach
    void start() throws IOException {
        services = new InProcess(new SimulatedDisk(), clock, true);
    }

    @AfterEach
    void stop() throws InterruptedException {
        services.close();
    }

    private static RequestHeader header(boolean disabled) {
        return RequestHeader.newBuilder()
                .setRequestTimestamp(Times.of(Instant.ofEpochSecond(7)))
                .setClientName("programhost:script.py-123")
                .setDisableRpcLogging(disabled)
                .build();
    }

    /** The blocks of the calls of a service. */
    private List<Block> calls(String service) throws IOException {
        return blocks(
                new DownloadFilter(
                        TimeRange.ALL,
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        OptionalInt.empty(),
                        Set.of(service)));
    }

    private List<Block> blocks(DownloadFilter filter) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        services.log.download(filter).writeTo(Channels.newChannel(file));
        BddfStream read =
                new BddfStream(Channels.newChannel(new ByteArrayInputStream(file.toByteArray())));
        List<Block> blocks = new ArrayList<>();
        for (Block block = read.next(); block != null; block = read.next()) {
            blocks.add(block);
        }
        return blocks;
    }

    /** Or anyone who reaches the port could push the users' entries out of the allowance. */
    @Test
    void callsOfStrangersAreKeptUpToTheLimitOfTheMinute() throws Exception {
        RobotIdServiceGrpc.RobotIdServiceBlockingStub stub =
                RobotIdServiceGrpc.newBlockingStub(services.channel());
        RobotIdRequest request = RobotIdRequest.newBuilder().setHeader(header(false)).build();
        for (int i = 0; i < CallLimit.MOST + 5; i++) {
            stub.getRobotId(request);
        }
        assertThat(calls("robot-id")).hasSize(2 * CallLimit.MOST);
        clock.advance(Duration.ofMinutes(1));
        stub.getRobotId(request);
        assertThat(calls("robot-id")).hasSize(2 * CallLimit.MOST + 2);
    }

    @Test
    void requestAndAnswerAreKeptAtTheirTimesUnlessTheCallerSaysNo() throws Exception {
        RobotIdServiceGrpc.RobotIdServiceBlockingStub stub =
                RobotIdServiceGrpc.newBlockingStub(services.channel());
        RobotIdRequest request = RobotIdRequest.newBuilder().setHeader(header(false)).build();
        RobotIdResponse answer = stub.getRobotId(request);
        stub.getRobotId(RobotIdRequest.newBuilder().setHeader(header(true)).build());
        List<Block> calls = calls("robot-id");
        assertThat(calls)
                .extracting(block -> block.series().identifier().seriesType())
                .containsExactlyInAnyOrder("bosdyn:grpc:requests", "bosdyn:grpc:responses");
        assertThat(calls)
                .extracting(Block::nanos)
                .containsExactlyInAnyOrder(7_000_000_000L, 1_000_000_000_000L);
        for (Block call : calls) {
            if (call.nanos() == 7_000_000_000L) {
                assertThat(RobotIdRequest.parseFrom(call.payload())).isEqualTo(request);
            } else {
                assertThat(RobotIdResponse.parseFrom(call.payload())).isEqualTo(answer);
            }
        }
    }

    @Test
    void neitherPasswordNorTokenOfALogInIsKept() throws Exception {
        AuthServiceGrpc.AuthServiceBlockingStub stub =
                AuthServiceGrpc.newBlockingStub(services.channel());
        GetAuthTokenResponse answer =
                stub.getAuthToken(
                        GetAuthTokenRequest.newBuilder()
                                .setHeader(header(false))
                                .setUsername(InProcess.USER)
                                .setPassword(InProcess.PASSWORD)
                                .build());
        assertThat(answer.getToken()).isNotEmpty();
        stub.getAuthToken(
                GetAuthTokenRequest.newBuilder()
                        .setHeader(header(false))
                        .setToken(answer.getToken())
                        .build());
        List<Block> calls = calls("auth");
        assertThat(calls).hasSize(4);
        for (Block call : calls) {
            String bytes = ByteString.copyFrom(call.payload().duplicate()).toStringUtf8();
            assertThat(bytes).doesNotContain(InProcess.PASSWORD, answer.getToken());
        }
        assertThat(calls)
                .anySatisfy(call ->
                        assertThat(GetAuthTokenRequest.parseFrom(call.payload()).getUsername())
                                .isEqualTo(InProcess.USER));
    }

    @Test
    void callsThatRecordAreKeptAsCounts() throws Exception {
        DataBufferServiceGrpc.DataBufferServiceBlockingStub stub =
                services.loggedIn(DataBufferServiceGrpc.newBlockingStub(services.channel()));
        RecordDataBlobsRequest request =
                RecordDataBlobsRequest.newBuilder()
                        .setHeader(header(false))
                        .addBlobData(DataBlob.newBuilder().setTypeId("t"))
                        .addBlobData(DataBlob.newBuilder().setChannel("no type"))
                        .build();
        stub.recordDataBlobs(request);
        stub.recordDataBlobs(request);
        services.stop();
        assertThat(calls("data-buffer")).isEmpty();
        DownloadFilter counts =
                new DownloadFilter(
                        TimeRange.ALL,
                        Set.of(),
                        Set.of(),
                        Set.of(RecordCounts.SCHEMA),
                        Set.of(),
                        OptionalInt.empty(),
                        Set.of());
        Map<String, Long> last = new HashMap<>();
        for (Block block : blocks(counts)) {
            String variable = block.series().identifier().spec().get("varname");
            if (variable != null) {
                last.put(
                        variable,
                        block.payload()
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong(block.payload().limit() - Long.BYTES));
            }
        }
        assertThat(last)
                .containsEntry("RecordDataBlobs.calls", 2L)
                .containsEntry("RecordDataBlobs.entries", 4L)
                .containsEntry("RecordDataBlobs.refused", 2L)
                .containsEntry("RecordEvents.calls", 0L);
        assertThat(services.log.pages(TimeRange.ALL, Kind.REQUEST)).isEmpty();
    }
}
