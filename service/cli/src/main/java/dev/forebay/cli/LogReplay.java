package dev.forebay.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.spot.proto.DataBlob;
import dev.forebay.spot.proto.Event;
import dev.forebay.spot.proto.OperatorComment;
import dev.forebay.spot.proto.RecordDataBlobsRequest;
import dev.forebay.spot.proto.RecordDataBlobsResponse;
import dev.forebay.spot.proto.RecordEventsRequest;
import dev.forebay.spot.proto.RecordEventsResponse;
import dev.forebay.spot.proto.RecordOperatorCommentsRequest;
import dev.forebay.spot.proto.RecordOperatorCommentsResponse;
import dev.forebay.spot.proto.RecordSignalTicksRequest;
import dev.forebay.spot.proto.RecordSignalTicksResponse;
import dev.forebay.spot.proto.SignalTick;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A recording as calls of the log: a tick for each sample, a blob and an event every ten seconds, a
 * comment every minute. {@link #content} is what the log must hold once each call succeeded.
 */
final class LogReplay {
    private static final int SAMPLES_PER_SECOND = 360;
    private static final int TICKS_PER_CALL = 100;
    private static final int SAMPLES_PER_BLOB = 10 * SAMPLES_PER_SECOND;
    private static final int SAMPLES_PER_COMMENT = 60 * SAMPLES_PER_SECOND;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /**
     * A call.
     *
     * @param query of a download that finds something if the log has what the call records
     */
    record Step(String method, Message request, Parser<? extends Message> answer, String query) {}

    private final short[] samples;
    private final long start;
    private final long schema;
    private final LogContent content = new LogContent();
    private final List<Step> steps = new ArrayList<>();

    /**
     * @param recording samples of two bytes
     * @param end when the recording ended, in nanoseconds since 1970
     * @param schema the number of the signal's schema
     */
    LogReplay(byte[] recording, long end, long schema) {
        samples = new short[recording.length / Short.BYTES];
        ByteBuffer.wrap(recording).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        start = end - time(samples.length);
        this.schema = schema;
        for (int i = 0; i < samples.length; i += TICKS_PER_CALL) {
            if (i % SAMPLES_PER_COMMENT == 0) {
                comment(i);
            }
            if (i % SAMPLES_PER_BLOB == 0) {
                blob(i);
                event(i);
            }
            ticks(i);
        }
    }

    List<Step> steps() {
        return steps;
    }

    LogContent content() {
        return content;
    }

    private static long time(int sample) {
        return sample * SECOND / SAMPLES_PER_SECOND;
    }

    private static Timestamp stamp(long nanos) {
        return Timestamp.newBuilder()
                .setSeconds(nanos / SECOND)
                .setNanos((int) (nanos % SECOND))
                .build();
    }

    private static String query(String filter, long nanos) {
        return "?%s&from_nsec=%d&to_nsec=%d".formatted(filter, nanos, nanos);
    }

    private void ticks(int first) {
        RecordSignalTicksRequest.Builder request =
                RecordSignalTicksRequest.newBuilder().setHeader(SpotCalls.header());
        for (int i = first; i < Math.min(samples.length, first + TICKS_PER_CALL); i++) {
            byte[] data = {(byte) samples[i], (byte) (samples[i] >> 8)};
            request.addTickData(
                    SignalTick.newBuilder()
                            .setSequenceId(i)
                            .setTimestamp(stamp(start + time(i)))
                            .setSource("demo")
                            .setSchemaId(schema)
                            .setEncoding(SignalTick.Encoding.ENCODING_RAW)
                            .setData(ByteString.copyFrom(data)));
            content.tick(start + time(i), i, Short.toUnsignedInt(samples[i]));
        }
        steps.add(
                new Step(
                        "RecordSignalTicks",
                        request.build(),
                        RecordSignalTicksResponse.parser(),
                        query("schema_name=" + LogReadBack.SIGNAL, start + time(first))));
    }

    private void comment(int first) {
        long nanos = start + time(first);
        String text = "minute %d of the recording".formatted(first / SAMPLES_PER_COMMENT + 1);
        steps.add(
                new Step(
                        "RecordOperatorComments",
                        RecordOperatorCommentsRequest.newBuilder()
                                .setHeader(SpotCalls.header())
                                .addOperatorComments(
                                        OperatorComment.newBuilder()
                                                .setMessage(text)
                                                .setTimestamp(stamp(nanos)))
                                .build(),
                        RecordOperatorCommentsResponse.parser(),
                        query("type=" + KnownMessages.COMMENT, nanos)));
        content.comment(nanos, text);
    }

    private void blob(int first) {
        long nanos = start + time(first);
        short[] some =
                Arrays.copyOfRange(
                        samples, first, Math.min(samples.length, first + SAMPLES_PER_BLOB));
        ByteBuffer data =
                ByteBuffer.allocate(some.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asShortBuffer().put(some);
        steps.add(
                new Step(
                        "RecordDataBlobs",
                        RecordDataBlobsRequest.newBuilder()
                                .setHeader(SpotCalls.header())
                                .addBlobData(
                                        DataBlob.newBuilder()
                                                .setTimestamp(stamp(nanos))
                                                .setChannel(LogReadBack.BLOBS)
                                                .setTypeId("application/x-samples")
                                                .setData(ByteString.copyFrom(data.array())))
                                .setSync(true)
                                .build(),
                        RecordDataBlobsResponse.parser(),
                        query("channel=" + LogReadBack.BLOBS, nanos)));
        content.blob(nanos, data.array());
    }

    /** The highest sample of the next ten seconds. */
    private void event(int first) {
        int highest = first;
        for (int i = first; i < Math.min(samples.length, first + SAMPLES_PER_BLOB); i++) {
            if (Short.toUnsignedInt(samples[i]) > Short.toUnsignedInt(samples[highest])) {
                highest = i;
            }
        }
        long nanos = start + time(highest);
        String id = "highest-%d".formatted(highest);
        steps.add(
                new Step(
                        "RecordEvents",
                        RecordEventsRequest.newBuilder()
                                .setHeader(SpotCalls.header())
                                .addEvents(
                                        Event.newBuilder()
                                                .setType("demo:highest")
                                                .setId(id)
                                                .setSource("demo")
                                                .setLevel(Event.Level.LEVEL_LOW)
                                                .setStartTime(stamp(nanos))
                                                .setEndTime(stamp(nanos)))
                                .build(),
                        RecordEventsResponse.parser(),
                        query("type=" + KnownMessages.EVENT, nanos)));
        content.event(nanos, id);
    }
}
