package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.journal.JournalSettings.DamagePolicy;
import dev.forebay.journal.Recovery.Damage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What {@code forebay journal inspect | verify | repair | dump} does. Only {@link #repair} changes
 * anything, and it never deletes what it cannot read: that is copied into {@code aside/} first. The
 * others read without the lock; of a journal in use they tell of a moment that has passed, and may
 * take what is being written for a torn end.
 *
 * <p>All methods block and throw {@link JournalException} if the disk fails.
 */
public final class JournalTool {
    private final Disk disk;
    private final Clock clock;
    private final Path directory;

    /**
     * Looks at nothing yet.
     *
     * @param disk where the files are
     * @param clock gives repairs their time
     * @param directory of a journal that is not open
     */
    public JournalTool(Disk disk, Clock clock, Path directory) {
        this.disk = disk;
        this.clock = clock;
        this.directory = directory;
    }

    /**
     * One segment that holds frames, or the one that would.
     *
     * @param file its path
     * @param number its number, never used twice
     * @param first the first frame; equal to {@code next} if there is none
     * @param next one more than the last frame
     * @param end where the last frame ends
     * @param size of the file, in bytes
     */
    public record SegmentInfo(Path file, long number, long first, long next, long end, long size) {}

    /**
     * What a directory holds.
     *
     * @param segments those with frames, in their order
     * @param synced the last frame that a later frame, or the checkpoint, calls synced
     * @param unused files with a header and nothing that counts: ready ahead, or beyond the end
     * @param recovery what an opening would find
     */
    public record Inspection(
            List<SegmentInfo> segments, long synced, List<Path> unused, Recovery recovery) {
        /** Copies the lists. */
        public Inspection {
            segments = List.copyOf(segments);
            unused = List.copyOf(unused);
        }
    }

    /**
     * Reads and checks all that is not trimmed, and says how it is laid out.
     *
     * @return what was found
     */
    public Inspection inspect() {
        Scan scan = scan();
        return new Inspection(
                scan.parts.stream().map(JournalTool::info).toList(),
                scan.synced,
                scan.beyond.stream().map(part -> part.path).toList(),
                scan.recovery());
    }

    private static SegmentInfo info(Scan.Part part) {
        Segment segment = part.segment;
        return new SegmentInfo(
                part.path,
                part.header.number(),
                segment.first(),
                segment.next(),
                segment.end(),
                segment.size());
    }

    /**
     * Reads and checks all that is not trimmed; the journal is whole if there is no damage.
     *
     * @return what an opening would find
     */
    public Recovery verify() {
        return scan().recovery();
    }

    /**
     * Opens the journal so that damage is set aside and the torn end is cut, and closes it.
     *
     * @return what was found and is mended now
     * @throws JournalException if it is in use
     */
    public Recovery repair() {
        scan(); // A directory without a journal is not made into one.
        JournalSettings settings =
                JournalSettings.defaults().withReadyAhead(1).withOnDamage(DamagePolicy.SET_ASIDE);
        try (Journal journal = Journal.open(disk, clock, directory, settings)) {
            return journal.recovery();
        }
    }

    /**
     * Hands over every readable entry from {@code from} on, in order; a hole that was not repaired
     * comes as a {@link Gap}.
     *
     * @param from the first sequence that is wanted
     * @param target takes each entry, on the calling thread
     */
    public void dump(long from, Consumer<Entry> target) {
        Scan scan = scan();
        Map<Long, Damage> holes = new HashMap<>();
        for (Damage damage : scan.damage) {
            if (damage.count() > 0) {
                holes.put(damage.sequence(), damage);
            }
        }
        Scan.Missing missing = scan.missing;
        if (missing != null && missing.until() > from) {
            target.accept(new Gap(missing.from(), missing.until() - missing.from()));
        }
        try {
            for (Scan.Part part : scan.parts) {
                dump(scan, part, from, holes, target);
            }
        } catch (IOException e) {
            throw Journal.failed("read " + directory, e);
        }
    }

    private void dump(
            Scan scan, Scan.Part part, long from, Map<Long, Damage> holes, Consumer<Entry> target)
            throws IOException {
        Segment segment = part.segment;
        try (DiskFile file = disk.open(part.path, Disk.Access.READ)) {
            FrameScanner scanner =
                    new FrameScanner(file, scan.layout, segment.key, Layout.HEADER, segment.end());
            long expected = segment.first();
            while (expected < segment.next()) {
                Entry entry;
                if (scanner.find(expected)) {
                    entry = scanner.entry();
                    scanner.advance();
                } else {
                    Damage hole = holes.get(expected);
                    if (hole == null) {
                        // In front of the trimmed position nothing was checked.
                        if (!scanner.search(expected)) {
                            return;
                        }
                        entry = new Gap(expected, scanner.sequence() - expected);
                    } else {
                        entry = new Gap(expected, hole.count());
                        scanner.moveTo(hole.offset() + hole.bytes());
                    }
                }
                expected = entry.next();
                if (expected > from) {
                    target.accept(entry);
                }
            }
        }
    }

    private Scan scan() {
        try {
            if (disk.stat(directory).isEmpty()) {
                throw new JournalException(
                        JournalException.Fault.FAILED,
                        "there is no journal in " + directory + ": the directory does not exist",
                        null);
            }
            JournalDirectory files = new JournalDirectory(disk, clock, directory);
            Scan scan = new Scan(files);
            scan.run();
            if (scan.isOfNothing() && files.spares().isEmpty()) {
                throw new JournalException(
                        JournalException.Fault.FAILED,
                        "there is no journal in "
                                + directory
                                + ": it has no segments; name the directory that holds them",
                        null);
            }
            return scan;
        } catch (IOException e) {
            throw Journal.failed("read " + directory, e);
        }
    }
}
