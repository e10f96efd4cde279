package dev.forebay.bench.datalog;

import dev.forebay.bench.Suite;

/** The data log: its files beside their peers, and a server that keeps one. */
public final class DataLogSuite {
    private DataLogSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite()
                .row("small-blobs", new SmallBlobsRow())
                .row("checked-blocks", new CheckedBlocksRow())
                .row("ingest", new IngestRow())
                .row("synced-blobs", new SyncedBlobsRow())
                .row("range-query", new RangeQueryRow())
                .row("download", new DownloadRow())
                .row("rolls", new RollRow())
                .main(arguments);
    }
}
