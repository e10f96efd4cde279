package dev.forebay.server;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How long the syncs of a data directory took since the start, by what was synced. Every sum is
 * there from the start. Safe for use by many threads; never blocks.
 */
final class SyncTimes {
    /** Whose files they are, known by their folder. */
    enum Area {
        BLOBS("containers"),
        RUN_LOGS("run-logs"),
        /** That of the data log, which says what its pages hold. */
        JOURNAL("log/catalogue"),
        PAGES("log/pages"),
        OTHER("");

        private final String folder;

        Area(String folder) {
            this.folder = folder;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a sync makes durable. */
    enum Of {
        FILE,
        DIRECTORY,
        ALL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Syncs of one kind: all, those that failed, and the nanoseconds that all took together. */
    record Sums(LongAdder count, LongAdder failed, LongAdder nanos) {}

    private record Kind(Area area, Of of) {}

    private record Folder(Path path, Area area) {}

    private final List<Folder> folders;
    private final Map<Kind, Sums> sums = new HashMap<>();

    /** Those of the data directory {@code data}. */
    SyncTimes(Path data) {
        this.folders =
                Stream.of(Area.BLOBS, Area.JOURNAL, Area.PAGES, Area.RUN_LOGS)
                        .map(area -> new Folder(data.resolve(area.folder), area))
                        .toList();
        for (Area area : Area.values()) {
            for (Of of : Of.values()) {
                sums.put(
                        new Kind(area, of),
                        new Sums(new LongAdder(), new LongAdder(), new LongAdder()));
            }
        }
    }

    /** Counts a sync of {@code path}. */
    void took(Path path, Of of, long nanos, boolean done) {
        Sums those = sums(area(path), of);
        those.count.increment();
        those.nanos.add(nanos);
        if (!done) {
            those.failed.increment();
        }
    }

    Sums sums(Area area, Of of) {
        return Objects.requireNonNull(sums.get(new Kind(area, of)), "all are there");
    }

    private Area area(Path path) {
        for (Folder folder : folders) {
            if (path.startsWith(folder.path())) {
                return folder.area();
            }
        }
        return Area.OTHER;
    }
}
