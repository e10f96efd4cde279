package dev.forebay.bench.datalog;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.bddf.SeriesType;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.spot.proto.RecordSignalTicksRequest;
import dev.forebay.spot.proto.RecordSignalTicksResponse;
import dev.forebay.spot.proto.RegisterSignalSchemaRequest;
import dev.forebay.spot.proto.RegisterSignalSchemaResponse;
import dev.forebay.spot.proto.SignalSchema;
import dev.forebay.spot.proto.SignalTick;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Ticks of a signal over gRPC into a server that keeps the calls in its log: one Java client with
 * eight calls under way, a hundred ticks each, each tick made and encoded there. All ticks are
 * downloaded and counted after that.
 */
final class IngestRow implements Suite.Row {
    private static final int CALLS_AT_ONCE = 8;
    private static final int TICKS = 100;
    private static final double GOAL = 100_000;
    private static final long SECOND = 1_000_000_000L;

    @Override
    public void measure(Run run) throws Exception {
        int calls = run.scale().of(5_000, 2_500, 80);
        int rounds = run.scale().of(6, 2, 2);
        Path data = run.fresh("ingest");
        try (LogServer server = LogServer.start(run, data);
                LogCalls client = server.calls()) {
            long schema = register(client);
            long now = System.currentTimeMillis() * 1_000_000;
            List<Double> rates = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                rates.add(round(run, server, client, schema, now, round, calls));
            }
            verify(server, client, rounds * calls * TICKS);
            String what = "gRPC ingest of signal ticks, 100 a call, calls logged, %s";
            run.report(
                    Figure.ours(
                            what.formatted("the first %d calls of a server".formatted(calls)),
                            "WRITTEN",
                            rates.getFirst(),
                            Unit.RECORDS_PER_SECOND));
            run.report(
                    Figure.ours(
                                    what.formatted("after that"),
                                    "WRITTEN",
                                    Medians.of(rates.subList(1, rounds)),
                                    Unit.RECORDS_PER_SECOND)
                            .goal(GOAL));
        }
        Run.delete(data);
    }

    private static double round(
            Run run, LogServer server, LogCalls client, long schema, long now, int round, int calls)
            throws IOException, InterruptedException {
        long before = server.cpu().toMillis();
        long nanos =
                Clients.nanos(
                        CALLS_AT_ONCE,
                        thread -> {
                            for (int i = thread; i < calls; i += CALLS_AT_ONCE) {
                                send(client, schema, now, (round * calls + i) * TICKS);
                            }
                        });
        int ticks = calls * TICKS;
        run.note(
                String.format(
                        Locale.ROOT,
                        "ingest, round %d: %.0f ticks/s; the server worked %.2f µs for each",
                        round,
                        ticks * 1e9 / nanos,
                        (server.cpu().toMillis() - before) * 1e3 / ticks));
        return ticks * 1e9 / nanos;
    }

    private static long register(LogCalls client) throws IOException, InterruptedException {
        return client.call(
                        "DataBufferService/RegisterSignalSchema",
                        RegisterSignalSchemaRequest.newBuilder()
                                .setHeader(LogCalls.header())
                                .setSchema(
                                        SignalSchema.newBuilder()
                                                .setSchemaName("bench")
                                                .addVars(variable("a"))
                                                .addVars(variable("b")))
                                .build(),
                        RegisterSignalSchemaResponse.parser(),
                        RegisterSignalSchemaResponse::getHeader,
                        _ -> List.of())
                .getSchemaId();
    }

    private static SignalSchema.Variable variable(String name) {
        return SignalSchema.Variable.newBuilder()
                .setName(name)
                .setType(SignalSchema.Variable.Type.TYPE_FLOAT64)
                .build();
    }

    private static void send(LogCalls client, long schema, long now, int first)
            throws IOException, InterruptedException {
        RecordSignalTicksRequest.Builder request =
                RecordSignalTicksRequest.newBuilder().setHeader(LogCalls.header());
        for (int i = first; i < first + TICKS; i++) {
            ByteBuffer values = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            long nanos = now + i * 1000L;
            request.addTickData(
                    SignalTick.newBuilder()
                            .setSequenceId(i)
                            .setTimestamp(
                                    Timestamp.newBuilder()
                                            .setSeconds(nanos / SECOND)
                                            .setNanos((int) (nanos % SECOND)))
                            .setSource("bench")
                            .setSchemaId(schema)
                            .setEncoding(SignalTick.Encoding.ENCODING_RAW)
                            .setData(
                                    ByteString.copyFrom(values.putDouble(i).putDouble(-i).flip())));
        }
        client.call(
                "DataBufferService/RecordSignalTicks",
                request.build(),
                RecordSignalTicksResponse.parser(),
                RecordSignalTicksResponse::getHeader,
                RecordSignalTicksResponse::getErrorsList);
    }

    /** Every tick is there once, by its sequence number, and as many values of each variable. */
    private static void verify(LogServer server, LogCalls client, int ticks) throws IOException {
        HttpURLConnection download =
                (HttpURLConnection)
                        server.uri()
                                .resolve("/log/v1/download?schema_name=bench")
                                .toURL()
                                .openConnection();
        download.setRequestProperty("Authorization", "Bearer " + client.token());
        BitSet found = new BitSet(ticks);
        double sum = 0;
        long values = 0;
        try (InputStream in = download.getInputStream()) {
            BddfStream stream = new BddfStream(Channels.newChannel(in));
            for (Block block = stream.next(); block != null; block = stream.next()) {
                String variable = variable(block);
                ByteBuffer column = block.payload().order(ByteOrder.LITTLE_ENDIAN);
                while (column.hasRemaining()) {
                    switch (variable) {
                        case "forebay:sequence" -> found.set((int) column.getLong());
                        case "a", "b" -> {
                            sum += column.getDouble();
                            values++;
                        }
                        default -> column.getLong();
                    }
                }
            }
        }
        if (found.cardinality() != ticks || values != 2L * ticks || sum != 0) {
            throw new IllegalStateException(
                    "expected %d ticks, found %d, %d values with the sum %s"
                            .formatted(ticks, found.cardinality(), values, sum));
        }
    }

    private static String variable(Block block) {
        return block.series().type() instanceof SeriesType.Numbers
                ? block.series().identifier().spec().getOrDefault("varname", "")
                : "";
    }
}
