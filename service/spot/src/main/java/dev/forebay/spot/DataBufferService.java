package dev.forebay.spot;

import com.google.protobuf.Message;
import dev.forebay.base.Durability;
import dev.forebay.bddf.Pod;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.Recorded;
import dev.forebay.datalog.Refusal;
import dev.forebay.datalog.SignalSchema;
import dev.forebay.spot.proto.DataBlob;
import dev.forebay.spot.proto.DataBufferServiceGrpc.DataBufferServiceImplBase;
import dev.forebay.spot.proto.Event;
import dev.forebay.spot.proto.RecordDataBlobsRequest;
import dev.forebay.spot.proto.RecordDataBlobsResponse;
import dev.forebay.spot.proto.RecordEventsRequest;
import dev.forebay.spot.proto.RecordEventsResponse;
import dev.forebay.spot.proto.RecordOperatorCommentsRequest;
import dev.forebay.spot.proto.RecordOperatorCommentsResponse;
import dev.forebay.spot.proto.RecordSignalTicksRequest;
import dev.forebay.spot.proto.RecordSignalTicksResponse;
import dev.forebay.spot.proto.RecordTextMessagesRequest;
import dev.forebay.spot.proto.RecordTextMessagesResponse;
import dev.forebay.spot.proto.RegisterSignalSchemaRequest;
import dev.forebay.spot.proto.RegisterSignalSchemaResponse;
import dev.forebay.spot.proto.ResponseHeader;
import dev.forebay.spot.proto.SignalTick;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;

/**
 * Records into the log.
 *
 * <p><b>Guarantee.</b> An answer whose header says OK means that every entry is in the log, {@code
 * SYNCED} if the request demands {@code sync} and {@code WRITTEN} otherwise, but for the entries
 * among its errors, which their client has to mend. If the log could not take an entry that was
 * right, the header says so: stock clients do not look at the errors of entries.
 *
 * <p>Used by many threads; its methods block for the disk.
 */
final class DataBufferService extends DataBufferServiceImplBase {
    private static final int CLIENT_ERROR = 1;
    private static final int SERVER_ERROR = 2;
    private static final int INVALID_SCHEMA_ID = 3;

    private final DataLog log;

    DataBufferService(DataLog log) {
        this.log = log;
    }

    @Override
    public void recordTextMessages(
            RecordTextMessagesRequest request, StreamObserver<RecordTextMessagesResponse> answer) {
        List<Refusal> refusals =
                record(request.getTextMessagesList(), text -> new Entry.Text(bytes(text)), false);
        RecordTextMessagesResponse.Builder response =
                RecordTextMessagesResponse.newBuilder().setHeader(header(refusals));
        for (Refusal each : refusals) {
            response.addErrorsBuilder()
                    .setTypeValue(code(each))
                    .setMessage(each.message())
                    .setIndex(each.index());
        }
        send(answer, response.build());
    }

    @Override
    public void recordOperatorComments(
            RecordOperatorCommentsRequest request,
            StreamObserver<RecordOperatorCommentsResponse> answer) {
        List<Refusal> refusals =
                record(
                        request.getOperatorCommentsList(),
                        comment -> new Entry.Comment(bytes(comment)),
                        false);
        RecordOperatorCommentsResponse.Builder response =
                RecordOperatorCommentsResponse.newBuilder().setHeader(header(refusals));
        for (Refusal each : refusals) {
            response.addErrorsBuilder()
                    .setTypeValue(code(each))
                    .setMessage(each.message())
                    .setIndex(each.index());
        }
        send(answer, response.build());
    }

    @Override
    public void recordDataBlobs(
            RecordDataBlobsRequest request, StreamObserver<RecordDataBlobsResponse> answer) {
        String client = Call.current().client();
        List<Refusal> refusals =
                record(request.getBlobDataList(), blob -> blob(blob, client), request.getSync());
        RecordDataBlobsResponse.Builder response =
                RecordDataBlobsResponse.newBuilder().setHeader(header(refusals));
        for (Refusal each : refusals) {
            response.addErrorsBuilder()
                    .setTypeValue(code(each))
                    .setMessage(each.message())
                    .setIndex(each.index());
        }
        send(answer, response.build());
    }

    @Override
    public void recordEvents(
            RecordEventsRequest request, StreamObserver<RecordEventsResponse> answer) {
        List<Refusal> refusals =
                record(
                        request.getEventsList(),
                        event -> new Entry.Event(bytes(named(event))),
                        false);
        RecordEventsResponse.Builder response =
                RecordEventsResponse.newBuilder().setHeader(header(refusals));
        for (Refusal each : refusals) {
            response.addErrorsBuilder()
                    .setTypeValue(code(each))
                    .setMessage(each.message())
                    .setIndex(each.index());
        }
        send(answer, response.build());
    }

    @Override
    public void recordSignalTicks(
            RecordSignalTicksRequest request, StreamObserver<RecordSignalTicksResponse> answer) {
        List<Refusal> refusals = record(request.getTickDataList(), DataBufferService::tick, false);
        RecordSignalTicksResponse.Builder response =
                RecordSignalTicksResponse.newBuilder().setHeader(header(refusals));
        for (Refusal refusal : refusals) {
            boolean schema = refusal.reason() == Refusal.Reason.UNKNOWN_SCHEMA;
            response.addErrorsBuilder()
                    .setTypeValue(schema ? INVALID_SCHEMA_ID : code(refusal))
                    .setMessage(refusal.message())
                    .setIndex(refusal.index());
        }
        send(answer, response.build());
    }

    @Override
    public void registerSignalSchema(
            RegisterSignalSchemaRequest request,
            StreamObserver<RegisterSignalSchemaResponse> answer) {
        long id = log.register(schema(request.getSchema()), Call.current().client());
        send(answer, RegisterSignalSchemaResponse.newBuilder().setSchemaId(id).build());
    }

    private static <R> void send(StreamObserver<R> answer, R response) {
        answer.onNext(response);
        answer.onCompleted();
    }

    private <T> List<Refusal> record(List<T> items, Function<T, Entry> entry, boolean sync) {
        if (items.isEmpty()) {
            return List.of();
        }
        Recorded recorded =
                log.record(
                        items.stream().map(entry).toList(),
                        sync ? Durability.SYNCED : Durability.WRITTEN);
        return recorded.refusals();
    }

    private static ByteBuffer bytes(Message message) {
        return ByteBuffer.wrap(message.toByteArray());
    }

    /** An event that is sent once has to have an identifier; this gives it one if it has none. */
    private static Event named(Event event) {
        return event.getId().isEmpty() && event.hasEndTime()
                ? event.toBuilder().setId(UUID.randomUUID().toString()).build()
                : event;
    }

    private static Entry blob(DataBlob blob, String client) {
        try {
            return new Entry.Blob(
                    blob.hasTimestamp()
                            ? OptionalLong.of(Times.nanos(blob.getTimestamp()))
                            : OptionalLong.empty(),
                    blob.getChannel(),
                    blob.getTypeId(),
                    client,
                    blob.getData().asReadOnlyByteBuffer());
        } catch (ArithmeticException e) {
            return new Entry.Malformed(outside(blob.getTimestamp().getSeconds()));
        }
    }

    private static Entry tick(SignalTick tick) {
        if (tick.getEncoding() != SignalTick.Encoding.ENCODING_RAW) {
            return new Entry.Malformed(
                    "the tick has encoding %d; expected %d, raw"
                            .formatted(
                                    tick.getEncodingValue(),
                                    SignalTick.Encoding.ENCODING_RAW_VALUE));
        }
        try {
            return new Entry.Tick(
                    tick.hasTimestamp()
                            ? OptionalLong.of(Times.nanos(tick.getTimestamp()))
                            : OptionalLong.empty(),
                    tick.getSequenceId(),
                    tick.getSource(),
                    tick.getSchemaId(),
                    tick.getData().asReadOnlyByteBuffer());
        } catch (ArithmeticException e) {
            return new Entry.Malformed(outside(tick.getTimestamp().getSeconds()));
        }
    }

    private static String outside(long seconds) {
        return "the time is %d s; expected one between the years 1677 and 2262".formatted(seconds);
    }

    private static SignalSchema schema(dev.forebay.spot.proto.SignalSchema wire) {
        try {
            return new SignalSchema(
                    wire.getSchemaName(),
                    wire.getVarsList().stream().map(DataBufferService::variable).toList());
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(String.valueOf(e.getMessage()));
        }
    }

    private static SignalSchema.Variable variable(
            dev.forebay.spot.proto.SignalSchema.Variable wire) {
        for (Pod pod : Pod.values()) {
            if (wire.getType().name().equals("TYPE_" + pod.name())) {
                return new SignalSchema.Variable(wire.getName(), pod, wire.getIsTime());
            }
        }
        throw new InvalidRequestException(
                "variable '%s' has type %d; expected 1 to 10"
                        .formatted(wire.getName(), wire.getTypeValue()));
    }

    private static boolean isClients(Refusal refusal) {
        return switch (refusal.reason()) {
            case INVALID, UNKNOWN_SCHEMA -> true;
            case FULL, FAILED -> false;
        };
    }

    private static int code(Refusal refusal) {
        return isClients(refusal) ? CLIENT_ERROR : SERVER_ERROR;
    }

    /** OK, or what is the first thing wrong on this side. */
    private static ResponseHeader header(List<Refusal> refusals) {
        List<Refusal> ours = refusals.stream().filter(each -> !isClients(each)).toList();
        return ResponseHeader.newBuilder()
                .setError(
                        ours.isEmpty()
                                ? Errors.OK
                                : Errors.internal(
                                        "%d entries are not safely in the log: %s"
                                                .formatted(ours.size(), ours.getFirst().message())))
                .build();
    }
}
