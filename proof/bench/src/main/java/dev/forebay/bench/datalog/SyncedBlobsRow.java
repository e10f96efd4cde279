package dev.forebay.bench.datalog;

import com.google.protobuf.ByteString;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.bench.journal.SlowSyncDisk;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.TimeRange;
import dev.forebay.spot.proto.DataBlob;
import dev.forebay.spot.proto.RecordDataBlobsRequest;
import dev.forebay.spot.proto.RecordDataBlobsResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Blobs that are to be synced, one a call, by several threads at once: how many forces each costs,
 * counted in the log itself, and how many a second a server takes over gRPC. All are read back.
 */
final class SyncedBlobsRow implements Suite.Row {
    private static final int BYTES = 1 << 10;
    private static final int MANY = 32;
    private static final double GOAL = 0.5;

    @Override
    public void measure(Run run) throws Exception {
        int blobs = run.scale().of(4_000, 1_000, 100);
        for (int threads : new int[] {1, 8, MANY}) {
            forces(run, threads, blobs);
        }
        Path data = run.fresh("synced");
        try (LogServer server = LogServer.start(run, data);
                LogCalls client = server.calls()) {
            send(client, MANY, blobs); // Warms up.
            Figure alone =
                    run.report(
                            Figure.ours(
                                    "gRPC blobs of 1 KiB, synced, one at a time",
                                    "SYNCED",
                                    send(client, 1, blobs),
                                    Unit.PER_SECOND));
            run.report(
                    Figure.ours(
                                    "gRPC blobs of 1 KiB, synced, %d at a time".formatted(MANY),
                                    "SYNCED",
                                    send(client, MANY, blobs),
                                    Unit.PER_SECOND)
                            .beside(alone));
        }
        Run.delete(data);
    }

    private static void forces(Run run, int threads, int blobs) throws Exception {
        SlowSyncDisk disk = new SlowSyncDisk(0);
        Path folder = run.fresh("forces");
        try (DataLog log =
                DataLog.open(disk.disk(), Clock.system(), folder, DataLogSettings.defaults())) {
            log.record(List.of(blob(0)), Durability.SYNCED); // Begins the page.
            long before = disk.syncs();
            Clients.nanos(
                    threads,
                    thread -> {
                        for (int i = 1 + thread; i < blobs; i += threads) {
                            log.record(List.of(blob(i)), Durability.SYNCED);
                        }
                    });
            long syncs = disk.syncs() - before;
            demand(log, blobs);
            // A force syncs the page and its index.
            Figure figure =
                    Figure.ours(
                            "forces a blob, %d threads with one blob a call".formatted(threads),
                            "SYNCED",
                            syncs / 2.0 / (blobs - 1),
                            Unit.FORCES_PER_ADD);
            run.report(threads == MANY ? figure.goal(GOAL) : figure);
        }
        Run.delete(folder);
    }

    private static Entry blob(int i) {
        return new Entry.Blob(
                OptionalLong.of(i),
                "bench",
                "application/octet-stream",
                "",
                ByteBuffer.wrap(new Payloads(BYTES).copy(i)));
    }

    private static void demand(DataLog log, int blobs) throws Exception {
        Payloads payloads = new Payloads(BYTES);
        int[] found = new int[1];
        log.download(DownloadFilter.all(TimeRange.ALL))
                .entries((_, nanos, payload) -> {
                    payloads.check(nanos, payload);
                    found[0]++;
                });
        if (found[0] != blobs) {
            throw new IllegalStateException("expected %d, found %d".formatted(blobs, found[0]));
        }
    }

    private static double send(LogCalls client, int threads, int blobs)
            throws InterruptedException {
        long nanos =
                Clients.nanos(
                        threads,
                        thread -> {
                            Payloads payloads = new Payloads(BYTES);
                            for (int i = thread; i < blobs; i += threads) {
                                client.call(
                                        "DataBufferService/RecordDataBlobs",
                                        request(payloads.get(i)),
                                        RecordDataBlobsResponse.parser(),
                                        RecordDataBlobsResponse::getHeader,
                                        RecordDataBlobsResponse::getErrorsList);
                            }
                        });
        return blobs * 1e9 / nanos;
    }

    private static RecordDataBlobsRequest request(ByteBuffer payload) {
        return RecordDataBlobsRequest.newBuilder()
                .setHeader(LogCalls.header())
                .setSync(true)
                .addBlobData(
                        DataBlob.newBuilder()
                                .setChannel("bench")
                                .setTypeId("application/octet-stream")
                                .setData(ByteString.copyFrom(payload)))
                .build();
    }
}
