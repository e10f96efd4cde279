package dev.forebay.bench.peers;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.bench.journal.SlowSyncDisk;
import java.util.List;
import java.util.stream.Stream;

/** The journal's tables: the contenders of each, and the state of their files. */
final class LogTables {
    private static final String FRESH = "fresh";
    private static final String WRITTEN = "`WRITTEN`";
    private static final String SYNCED = "`SYNCED`";
    private static final long SECOND = 1_000_000_000;
    private static final long SLOW_SYNC = 2_000_000;
    private static final int READY_BYTES = 8 << 20;

    private static final Contender CHRONICLE_SYNCED =
            new Contender(
                    "Chronicle Queue, `sync()` each",
                    SYNCED,
                    FRESH,
                    directory -> new ChronicleLog(directory, true));
    private static final Contender ROCKS_SYNCED =
            new Contender(
                    "RocksDB WAL, sync = true",
                    SYNCED,
                    FRESH,
                    directory -> new RocksLog(directory, true));

    private final long nanos;

    /** The most records of a round; fast contenders write them in a fraction of a second. */
    private final long most;

    LogTables(boolean quick) {
        nanos = quick ? SECOND : 4 * SECOND;
        most = quick ? 2_000_000 : 4_000_000;
    }

    List<LogTable> all() {
        return List.of(
                new LogTable(
                        "Journal: one record of 100 B per call, one thread, not synced (Tape"
                                + " cannot)",
                        new LogRound.Task(1, 1, nanos, most, false),
                        unsynced()),
                new LogTable(
                        "Journal: 100 records of 100 B per call, one thread, not synced (Tape"
                                + " cannot)",
                        new LogRound.Task(1, 100, nanos, most, true),
                        unsynced()),
                new LogTable(
                        "Journal: one record of 100 B per call, one thread, synced",
                        new LogRound.Task(1, 1, nanos, most, true),
                        synced(
                                new Contender(
                                        "write + fdatasync",
                                        SYNCED,
                                        "fresh, blocks ready",
                                        directory -> new PlainFile(directory, true, READY_BYTES)))),
                new LogTable(
                        "Journal: one record of 100 B per call, 64 virtual threads, synced",
                        new LogRound.Task(64, 1, nanos, most, true),
                        Stream.concat(
                                        synced(floor("as they are", 0)).stream(),
                                        Stream.of(
                                                CHRONICLE_SYNCED.onPlatformThreads(),
                                                ROCKS_SYNCED.onPlatformThreads()))
                                .toList()),
                new LogTable(
                        "Journal: the same, syncs of 2 ms injected",
                        new LogRound.Task(64, 1, nanos, most, true),
                        List.of(
                                floor("2 ms", SLOW_SYNC),
                                new Contender(
                                        "**Forebay**, syncs of 2 ms",
                                        SYNCED,
                                        FRESH,
                                        directory ->
                                                new OurLog(
                                                        new SlowSyncDisk(SLOW_SYNC).disk(),
                                                        directory,
                                                        Durability.SYNCED)))),
                new LogTable(
                        "Journal: one thread, syncs of 2 ms injected",
                        new LogRound.Task(1, 1, nanos, most, true),
                        List.of(
                                floor("2 ms", SLOW_SYNC),
                                new Contender(
                                        "**Forebay**, syncs of 2 ms",
                                        SYNCED,
                                        FRESH,
                                        directory ->
                                                new OurLog(
                                                        new SlowSyncDisk(SLOW_SYNC).disk(),
                                                        directory,
                                                        Durability.SYNCED)))));
    }

    private static Contender floor(String syncs, long nanos) {
        return new Contender(
                "floor: a group commit of 60 lines, syncs " + (nanos > 0 ? "of " : "") + syncs,
                SYNCED,
                "fresh, growing",
                directory -> new GroupFloor(directory, nanos));
    }

    private List<Contender> unsynced() {
        return List.of(
                new Contender(
                        "floor: a write each call",
                        WRITTEN,
                        "fresh, growing",
                        directory -> new PlainFile(directory, false, 0)),
                new Contender(
                        "**Forebay**",
                        WRITTEN,
                        FRESH,
                        directory -> new OurLog(Disk.system(), directory, Durability.WRITTEN)),
                new Contender(
                        "**Forebay**",
                        WRITTEN,
                        "recycled",
                        directory -> OurLog.recycled(directory, Durability.WRITTEN, most)),
                new Contender(
                        "Chronicle Queue",
                        WRITTEN,
                        FRESH,
                        directory -> new ChronicleLog(directory, false)),
                new Contender(
                        "RocksDB WAL", WRITTEN, FRESH, directory -> new RocksLog(directory, false)),
                new Contender(
                        "Artemis journal, sync = false",
                        "`ACCEPTED` (its own buffer), flushed at the end",
                        "fresh, blocks ready",
                        directory ->
                                new ArtemisLog(directory, ArtemisLog.DEFAULT_TIMEOUT_NANOS, false)),
                new Contender(
                        "MVStore, a commit each call",
                        WRITTEN,
                        FRESH,
                        directory -> new MvStoreLog(directory, false)));
    }

    private static List<Contender> synced(Contender floor) {
        return List.of(
                floor,
                new Contender(
                        "**Forebay**",
                        SYNCED,
                        FRESH,
                        directory -> new OurLog(Disk.system(), directory, Durability.SYNCED)),
                CHRONICLE_SYNCED,
                ROCKS_SYNCED,
                new Contender(
                        "Artemis journal, NIO, buffer timeout 3.3 ms (default)",
                        SYNCED,
                        "fresh, blocks ready",
                        directory ->
                                new ArtemisLog(directory, ArtemisLog.DEFAULT_TIMEOUT_NANOS, true)),
                new Contender(
                        "Artemis journal, NIO, buffer timeout 0.2 ms (as its tuning of this disk)",
                        SYNCED,
                        "fresh, blocks ready",
                        directory -> new ArtemisLog(directory, 200_000, true)),
                new Contender(
                        "MVStore, commit and `sync()` each",
                        SYNCED,
                        FRESH,
                        directory -> new MvStoreLog(directory, true)),
                new Contender("Tape", SYNCED, "fresh, growing", TapeLog::new));
    }
}
