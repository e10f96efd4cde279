package dev.forebay.datalog.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.bddf.Pod;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import dev.forebay.datalog.SignalSchema.Variable;
import dev.forebay.datalog.TimeRange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Downloads of logs that were recorded for a test. */
final class RecordedLog {
    static final long START = 1_790_000_000_123_456_789L;
    static final String ODD = "comma, \"quote\" and\r\nline, ü 😀 \u0001";

    /** A schema with a variable of every type. */
    static final SignalSchema EVERY =
            new SignalSchema(
                    "every/type",
                    List.of(
                            new Variable("i8", Pod.INT8, false),
                            new Variable("i16", Pod.INT16, false),
                            new Variable("i32", Pod.INT32, false),
                            new Variable("i64", Pod.INT64, false),
                            new Variable("u8", Pod.UINT8, false),
                            new Variable("u16", Pod.UINT16, false),
                            new Variable("u32", Pod.UINT32, false),
                            new Variable("u64", Pod.UINT64, false),
                            new Variable("f32", Pod.FLOAT32, false),
                            new Variable("f64", Pod.FLOAT64, false)));

    private RecordedLog() {}

    /** One tick of {@link #EVERY}, all integers at their ends. */
    static ByteBuffer tick(float f32, double f64) {
        return ByteBuffer.allocate(EVERY.tickBytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) -128)
                .putShort(Short.MIN_VALUE)
                .putInt(Integer.MIN_VALUE)
                .putLong(Long.MIN_VALUE)
                .put((byte) -1)
                .putShort((short) -1)
                .putInt(-1)
                .putLong(-1)
                .putFloat(f32)
                .putDouble(f64)
                .flip();
    }

    /** A download of a log with these entries; {@code schemas} are registered first. */
    static byte[] download(Path folder, List<SignalSchema> schemas, List<Entry> entries)
            throws IOException {
        return downloadOfCalls(folder, schemas, List.of(entries));
    }

    /** A download of a log that was given these lists of entries one after the other. */
    static byte[] downloadOfCalls(Path folder, List<SignalSchema> schemas, List<List<Entry>> calls)
            throws IOException {
        try (DataLog log = DataLog.open(folder, DataLogSettings.defaults())) {
            List<Long> ids = new ArrayList<>();
            schemas.forEach(schema -> ids.add(log.register(schema, "test")));
            for (List<Entry> entries : calls) {
                List<Entry> named = entries.stream().map(entry -> named(entry, ids)).toList();
                assertThat(log.record(named, Durability.WRITTEN).refusals()).isEmpty();
            }
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            log.download(DownloadFilter.all(TimeRange.ALL)).writeTo(Channels.newChannel(file));
            return file.toByteArray();
        }
    }

    private static Entry named(Entry entry, List<Long> ids) {
        return entry instanceof Entry.Tick tick
                ? new Entry.Tick(
                        tick.nanos(),
                        tick.sequence(),
                        tick.source(),
                        ids.get((int) tick.schemaId()),
                        tick.data())
                : entry;
    }

    /** A tick of the schema with that place in the list. */
    static Entry tick(long nanos, long sequence, String source, int schema, ByteBuffer data) {
        return new Entry.Tick(OptionalLong.of(nanos), sequence, source, schema, data);
    }

    static Entry text(String message, long nanos) {
        return new Entry.Text(
                new ProtoBytes()
                        .text(1, message)
                        .time(2, nanos)
                        .text(3, "a, \"source\"")
                        .number(4, 3)
                        .number(7, 42)
                        .build());
    }

    static Entry comment(String message, long nanos) {
        return new Entry.Comment(new ProtoBytes().text(1, message).time(2, nanos).build());
    }

    static Entry event(String id, long nanos) {
        return new Entry.Event(
                new ProtoBytes()
                        .text(1, "test:event")
                        .text(4, id)
                        .time(5, nanos)
                        .time(6, nanos + 5)
                        .number(7, 5)
                        .message(8, new ProtoBytes().text(1, "count").number(3, -7))
                        .message(8, new ProtoBytes().text(1, "speed").real(4, Double.NaN))
                        .number(9, 2)
                        .build());
    }

    static Entry blob(String channel, String type, long nanos, String data) {
        return new Entry.Blob(
                OptionalLong.of(nanos),
                channel,
                type,
                "client",
                ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)));
    }

    /** One entry of each kind, and two ticks with numbers that JSON does not have. */
    static List<Entry> oneOfEach() {
        return List.of(
                text(ODD, START),
                comment("here", START + 1),
                event("e1", START + 2),
                blob("camera", "image/jpeg", START + 3, "jpeg"),
                blob("state", "test.State", START + 4, "state"),
                tick(START + 5, 10, "legs", 0, tick(0.1f, 1e-300)),
                tick(START + 6, 11, "legs", 0, tick(Float.NaN, Double.NEGATIVE_INFINITY)));
    }

    static ReadableByteChannel channel(byte[] file) {
        return Channels.newChannel(new ByteArrayInputStream(file));
    }
}
