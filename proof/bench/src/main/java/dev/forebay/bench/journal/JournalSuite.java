package dev.forebay.bench.journal;

import dev.forebay.bench.Suite;

/** The journal's rows. Records have 100 bytes, and every run of ours is read back and compared. */
public final class JournalSuite {
    private static final long SLOW_SYNC_NANOS = 2_000_000;

    private JournalSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite()
                .row("written", new WrittenRow(1, 10e6))
                .row("written-100", new WrittenRow(100, 15e6))
                .row("growing", new GrowingRow(1))
                .row("growing-100", new GrowingRow(100))
                .row("synced", new SyncedRow())
                .row("group-16", new GroupRow(16, 0))
                .row("group-64", new GroupRow(64, 0))
                .row("group-64-slow", new GroupRow(64, SLOW_SYNC_NANOS))
                .row("open", new OpenRow())
                .main(arguments);
    }
}
