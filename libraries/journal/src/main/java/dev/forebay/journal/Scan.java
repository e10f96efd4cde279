package dev.forebay.journal;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.journal.Recovery.Damage;
import dev.forebay.journal.Recovery.Tail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the directory of a journal and finds out which frames are there.
 *
 * <p><b>Guarantee.</b> It changes nothing. A frame that was acknowledged as synced is found, or is
 * reported as damage.
 *
 * <p><b>Limit.</b> Damage to the newest frames that were synced together looks like a torn tail: no
 * later frame says that they were synced.
 *
 * <p><b>Torn tail or damage.</b> After a crash the end of the journal may hold anything: frames
 * that were stored and not synced, parts of frames, old bytes. None of it was acknowledged as
 * synced, so it may be cut. A bad frame in the middle is different: it was acknowledged, and a cut
 * would lose it and all frames behind it in silence. Both look the same, a frame whose CRC is
 * wrong. What tells them apart are the frames behind: each frame notes the last frame that was
 * known as synced when it was made, and the checkpoint notes that too.
 *
 * <p>So reading stops at the first bad frame and searches behind it, 8 bytes at a time and in all
 * later segments, for whole frames. If one of them, or the checkpoint, proves that the bad frame
 * was once synced, it is damage: a {@link Hole} is recorded and reading continues behind it.
 * Otherwise everything from the bad frame on is the torn tail, even whole frames: a frame in front
 * of them is missing, and sequences have no hole.
 *
 * <p><b>Where one segment ends.</b> A segment that was rolled has bytes behind its last frame:
 * zeros, or frames of an earlier use. They are no tail if the next segment goes on with the next
 * sequence.
 *
 * <p><b>Where to begin.</b> The checkpoint names a frame at or in front of the oldest one that is
 * kept. Reading begins there instead of at the start of its segment, once that frame is found
 * whole. A checkpoint that is missing or wrong costs time only: then reading begins at the first
 * frame of the first segment. But without it, a missing first segment looks like one that was
 * trimmed.
 *
 * <p><b>Frames of an earlier use.</b> The files of trimmed segments are used again, so whole frames
 * of another life may stand behind the newest one, with plausible sequences. The CRC covers the
 * number and the salt of the segment and the offset; such a frame fails it.
 *
 * <p>For one thread. Reads block, in time that grows with the bytes of frames that are kept.
 */
final class Scan {
    /** A run of frames that were synced and cannot be read, and where a gap record fits. */
    record Hole(Part part, long offset, long until, Damage damage) {}

    /** Frames that were synced and are in no file: the files that held them are missing. */
    record Missing(long from, long until) {}

    /** A file and the segment of whole frames in it. */
    static final class Part {
        final Path path;
        final Layout.Header header;
        final Segment segment;

        Part(Path path, Layout.Header header, Segment segment) {
            this.path = path;
            this.header = header;
            this.segment = segment;
        }
    }

    final JournalDirectory directory;
    final Layout layout = new Layout();
    final List<Part> parts = new ArrayList<>();
    final List<Hole> holes = new ArrayList<>();
    final List<Damage> damage = new ArrayList<>();

    /** Files that are no segments of this journal. */
    final List<Path> foreign = new ArrayList<>();

    /** Files that lie wholly in front of the trimmed position. */
    final List<Part> trimmed = new ArrayList<>();

    /** Files behind the end: never used, or cut with the tail. */
    final List<Part> beyond = new ArrayList<>();

    /** What is missing in front of the first part, or everything; null if nothing is. */
    @Nullable Missing missing;

    @Nullable Checkpoint checkpoint;
    @Nullable Tail tail;
    long next = 1;
    long synced;
    long scannedBytes;

    Scan(JournalDirectory directory) {
        this.directory = directory;
    }

    /** True if no file says that there is a journal. */
    boolean isOfNothing() {
        return checkpoint == null && parts.isEmpty() && beyond.isEmpty() && damage.isEmpty();
    }

    Recovery recovery() {
        long first = parts.isEmpty() ? next : parts.getFirst().segment.first();
        if (checkpoint != null) {
            first = Math.max(first, Math.min(checkpoint.trim(), next));
        }
        return new Recovery(first, next, Optional.ofNullable(tail), damage, scannedBytes);
    }

    void run() throws IOException {
        checkpoint = directory.readCheckpoint();
        synced = checkpoint == null ? 0 : checkpoint.synced();
        List<Part> found = new ArrayList<>();
        for (Path path : directory.segments()) {
            identify(path, found);
        }
        dropTrimmed(found);
        if (!found.isEmpty()) {
            walk(found);
        } else if (checkpoint != null) {
            everythingIsMissing(checkpoint);
        }
    }

    private void identify(Path path, List<Part> found) throws IOException {
        try (DiskFile file = directory.disk.open(path, Disk.Access.READ)) {
            Layout.Header header = JournalDirectory.header(file, layout);
            long number = JournalDirectory.segmentNumber(path);
            if (header != null && header.version() != Layout.VERSION) {
                throw new JournalException(
                        Fault.UNSUPPORTED,
                        path
                                + " is of format "
                                + header.version()
                                + ", this software reads "
                                + Layout.VERSION
                                + "; open it with the software that wrote it",
                        null);
            }
            if (header == null || header.number() != number) {
                String reason =
                        header == null
                                ? "no readable header"
                                : "a copy of segment " + header.number() + " under another name";
                foreign.add(path);
                damage.add(new Damage(0, 0, path, 0, file.size(), reason));
                return;
            }
            Segment segment = new Segment(path, header, layout.key(header), file.size());
            FrameScanner scanner = scanner(file, segment);
            segment.begin(scanner.isFrameHere() ? scanner.sequence() : 0);
            found.add(new Part(path, header, segment));
        }
    }

    private FrameScanner scanner(DiskFile file, Segment segment) {
        return new FrameScanner(file, layout, segment.key, segment.end(), segment.size());
    }

    /** Finishes a trim that a crash cut short, so that its leftovers cannot look like a hole. */
    private void dropTrimmed(List<Part> found) {
        if (checkpoint == null) {
            return;
        }
        for (int i = found.size() - 1; i > 0; i--) {
            long first = found.get(i).segment.first();
            if (first > 0 && first <= checkpoint.trim()) {
                trimmed.addAll(found.subList(0, i));
                found.subList(0, i).clear();
                return;
            }
        }
    }

    private void walk(List<Part> found) throws IOException {
        for (int i = 0; i < found.size(); i++) {
            Part part = found.get(i);
            try (DiskFile file = directory.disk.open(part.path, Disk.Access.READ)) {
                FrameScanner scanner = scanner(file, part.segment);
                if (i > 0) {
                    part.segment.begin(next);
                } else if (!enter(part, scanner)) {
                    next = start(part, scanner);
                    part.segment.begin(next);
                }
                while (true) {
                    long from = scanner.offset();
                    take(part, scanner);
                    scannedBytes += scanner.offset() - from;
                    String reason = scanner.reason();
                    long bad = scanner.offset();
                    if (nextFirst(found, i) == next) {
                        break; // The segment was closed here.
                    }
                    boolean clean = scanner.atCleanEnd();
                    Later later = later(found, i, scanner);
                    if (later.synced < next) {
                        end(found, i, bad, clean, later, reason);
                        return;
                    }
                    synced = Math.max(synced, later.synced);
                    if (later.part != null
                            && later.part != part
                            && later.offset > Layout.HEADER
                            && later.sequence <= synced + 1) {
                        break; // The gap record finds room in front of that frame.
                    }
                    hole(part, bad, later, reason);
                    if (later.part != part || later.sequence != next) {
                        break;
                    }
                    scanner.moveTo(later.offset);
                }
            }
            parts.add(part);
        }
    }

    /** Goes to the first frame of the first file, or where it should be, and says which it is. */
    private long start(Part part, FrameScanner scanner) throws IOException {
        Checkpoint hint = checkpoint;
        if (part.segment.first() > 0) {
            long first = part.segment.first();
            if (hint != null && first > hint.trim()) {
                miss(hint.trim(), first, part.path, "the segment in front of it is missing");
            }
            return first;
        }
        if (hint == null) {
            return 1;
        }
        // Frames that are not needed any more may be damaged.
        if (scanner.search(0) && scanner.sequence() <= hint.trim()) {
            return scanner.sequence();
        }
        scanner.moveTo(Layout.HEADER);
        return Math.max(1, hint.trim());
    }

    private void miss(long from, long until, Path path, String reason) {
        missing = new Missing(from, until);
        damage.add(new Damage(from, until - from, path, 0, 0, reason));
    }

    /** No segment is left: the checkpoint alone tells what there was. */
    private void everythingIsMissing(Checkpoint hint) {
        long from = Math.max(1, hint.trim());
        next = Math.max(hint.synced() + 1, from);
        if (next > from) {
            miss(from, next, directory.path, "every segment is missing");
        }
    }

    /** Begins at the checkpoint's frame if it is there. */
    private boolean enter(Part part, FrameScanner scanner) throws IOException {
        Checkpoint hint = checkpoint;
        if (hint == null
                || hint.number() != part.header.number()
                || hint.salt() != part.header.salt()
                || hint.offset() < Layout.HEADER) {
            return false;
        }
        scanner.moveTo(hint.offset());
        if (scanner.find(hint.sequence())) {
            next = hint.sequence();
            if (part.segment.first() == 0) {
                part.segment.setFirst(next);
            } else {
                part.segment.mark(part.segment.first(), Layout.HEADER);
            }
            return true;
        }
        scanner.moveTo(Layout.HEADER);
        return false;
    }

    /** Takes frames as long as they are good. */
    private void take(Part part, FrameScanner scanner) throws IOException {
        Segment segment = part.segment;
        while (scanner.find(next)) {
            segment.mark(next, scanner.offset());
            synced = Math.max(synced, scanner.synced());
            next += scanner.count();
            scanner.advance();
        }
        segment.publish(next, scanner.offset());
    }

    /** The first frame of the next file that has one; empty files may stand between. */
    private static long nextFirst(List<Part> found, int i) {
        for (int j = i + 1; j < found.size(); j++) {
            if (found.get(j).segment.first() > 0) {
                return found.get(j).segment.first();
            }
        }
        return 0;
    }

    /**
     * What was found behind a bad frame.
     *
     * @param part where the first whole frame is; null if there is none
     * @param synced the last frame that is proved to have been synced
     * @param frames how many whole frames were looked at
     */
    private record Later(
            @Nullable Part part, long sequence, long offset, long synced, long frames) {}

    private Later later(List<Part> found, int i, FrameScanner here) throws IOException {
        Later best = new Later(null, 0, 0, synced, 0);
        here.moveTo(here.offset() + Layout.FRAME);
        best = look(found.get(i), here, best);
        for (int j = i + 1; j < found.size() && !(best.part != null && best.synced >= next); j++) {
            Part part = found.get(j);
            try (DiskFile file = directory.disk.open(part.path, Disk.Access.READ)) {
                best = look(part, scanner(file, part.segment), best);
            }
        }
        return best;
    }

    private Later look(Part part, FrameScanner scanner, Later best) throws IOException {
        Later now = best;
        while (scanner.search(next)) {
            boolean first = now.part == null;
            now =
                    new Later(
                            first ? part : now.part,
                            first ? scanner.sequence() : now.sequence,
                            first ? scanner.offset() : now.offset,
                            Math.max(now.synced, scanner.synced()),
                            now.frames + 1);
            if (now.synced >= next) {
                return now;
            }
            scanner.advance();
        }
        return now;
    }

    private void hole(Part part, long bad, Later later, String reason) {
        // Frames behind the synced ones are tail even if they can be read: something between is
        // gone.
        boolean reaches = later.part != null && later.sequence <= synced + 1;
        long until = reaches ? later.sequence : synced + 1;
        boolean inside = reaches && later.part == part;
        // A file that was cut inside its header ends in front of the bad place.
        long to = inside ? later.offset : Math.max(part.segment.size(), bad);
        Damage what = new Damage(next, until - next, part.path, bad, to - bad, reason);
        damage.add(what);
        holes.add(new Hole(part, bad, inside ? to : bad + Layout.FRAME, what));
        part.segment.mark(next, bad);
        next = until;
        part.segment.publish(until, inside ? to : bad + Layout.FRAME);
    }

    private void end(List<Part> found, int i, long bad, boolean clean, Later later, String reason) {
        Part part = found.get(i);
        Segment segment = part.segment;
        segment.publish(next, bad);
        if (!clean && !reason.equals("the segment ends") || later.frames > 0) {
            tail = new Tail(next, part.path, bad, later.frames, reason);
        }
        boolean empty = segment.isEmpty();
        if (!empty || parts.isEmpty() && next > 1) {
            parts.add(part);
        } else {
            beyond.add(part);
        }
        beyond.addAll(found.subList(i + 1, found.size()));
    }
}
