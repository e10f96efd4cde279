package dev.forebay.journal;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.journal.JournalSettings.DamagePolicy;
import dev.forebay.journal.Recovery.Damage;
import dev.forebay.journal.SegmentIndex.Freed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Changes a directory, according to what a {@link Scan} found, so that a journal can go on in it.
 *
 * <p><b>Guarantee.</b> A crash at any step loses nothing more: the next opening finds what is left
 * and does the step again. What cannot be read is kept in {@code aside/} before it is overwritten.
 * When {@link #apply} returns, every frame that the journal will serve is on the device.
 *
 * <p><b>Why frames are written again.</b> After a sync that failed, the system counts the pages as
 * clean although the device does not have them: a later sync writes nothing and succeeds. Frames
 * that no other frame calls synced may be such pages, so they are written again before the sync.
 *
 * <p>For one thread. Blocks for the disk.
 */
final class DirectoryRepair {
    private static final int PIECE = 1 << 20;

    private final Scan scan;
    private final JournalDirectory directory;
    private final SegmentFiles files;

    DirectoryRepair(Scan scan, SegmentFiles files) {
        this.scan = scan;
        this.directory = scan.directory;
        this.files = files;
    }

    void apply(JournalSettings settings) throws IOException {
        if (!scan.damage.isEmpty() && settings.onDamage() == DamagePolicy.STOP) {
            throw refuse(scan.damage.getFirst(), scan.damage.size());
        }
        Checkpoint hint = scan.checkpoint;
        for (Path path : scan.foreign) {
            directory.setAside(path);
        }
        for (Scan.Hole hole : scan.holes) {
            fill(hole);
        }
        if (scan.missing != null) {
            addGapSegment(scan.missing);
        }
        for (int i = 0; i < scan.parts.size(); i++) {
            keep(scan.parts.get(i).segment, i == scan.parts.size() - 1);
        }
        if (hint != null && !scan.trimmed.isEmpty()) {
            // It may stand in the system's cache only; what it calls trimmed must not go before it.
            directory.writeCheckpoint(hint, true);
        }
        retire(scan.trimmed, settings.spares());
        scan.beyond.sort(Comparator.comparingLong(part -> part.header.number()));
        retire(scan.beyond, Integer.MAX_VALUE);
        long first = scan.recovery().first();
        if (hint != null && !scan.damage.isEmpty() && first >= hint.trim()) {
            long from = scan.parts.isEmpty() ? scan.next : scan.parts.getFirst().segment.first();
            directory.writeCheckpoint(
                    new Checkpoint(
                            Math.max(hint.trim(), from),
                            Math.min(hint.synced(), scan.next - 1),
                            hint.number(),
                            hint.salt(),
                            hint.sequence(),
                            hint.offset()),
                    true);
        }
    }

    /** A file that was cut behind its header is no spare: it reserves no room. */
    private void retire(List<Scan.Part> parts, int spareLimit) throws IOException {
        if (!parts.isEmpty()) {
            files.retire(
                    parts.stream()
                            .map(part -> part.segment)
                            .map(each -> new Freed(each, each.size() > Layout.HEADER))
                            .toList(),
                    spareLimit);
        }
    }

    static DamagedException refuse(Damage damage, int count) {
        return new DamagedException(
                "%s: %s at offset %d; %d frames from %d were synced and cannot be read (%d damaged places in all). Nothing was changed: run 'forebay journal verify', then 'forebay journal repair', or open with SET_ASIDE"
                        .formatted(
                                damage.file(),
                                damage.reason(),
                                damage.offset(),
                                damage.count(),
                                damage.sequence(),
                                count));
    }

    /** Keeps a copy of the bytes of a damaged range and writes the gap record over them. */
    private void fill(Scan.Hole hole) throws IOException {
        Damage damage = hole.damage();
        try (DiskFile file = directory.disk.open(hole.part().path, Disk.Access.WRITE)) {
            ByteBuffer there = ByteBuffer.allocate(Math.toIntExact(damage.bytes()));
            int length = file.readFully(there, hole.offset());
            if (!Layout.isZero(there.array(), 0, length)) {
                directory.setAside(hole.part().path, hole.offset(), there.array());
            }
            byte[] gap = new byte[Math.toIntExact(hole.until() - hole.offset())];
            System.arraycopy(there.array(), 0, gap, 0, Math.min(gap.length, length));
            scan.layout.encodeFrame(
                    gap,
                    0,
                    gap.length - Layout.FRAME,
                    hole.part().segment.key,
                    hole.offset(),
                    damage.sequence(),
                    directory.nowMicros(),
                    Layout.GAP,
                    damage.count());
            file.writeFully(ByteBuffer.wrap(gap), hole.offset());
            file.sync();
            Segment segment = hole.part().segment;
            segment.setSize(Math.max(segment.size(), hole.until()));
        }
    }

    /**
     * Puts a segment of gap records in the place of the segments that are missing, so that every
     * reader meets the loss and counts it, at this opening and at later ones.
     */
    private void addGapSegment(Scan.Missing missing) throws IOException {
        List<Scan.Part> parts = scan.parts;
        long number =
                parts.isEmpty()
                        ? directory.highestNumber() + 1
                        : parts.getFirst().header.number() - 1;
        parts.addFirst(directory.writeGaps(number, missing, scan.layout));
    }

    private void keep(Segment segment, boolean last) throws IOException {
        boolean unsynced = segment.next() - 1 > scan.synced && !segment.isEmpty();
        boolean cut = last && segment.size() > segment.end();
        if (!unsynced && !cut) {
            return;
        }
        try (DiskFile file = directory.disk.open(segment.path, Disk.Access.WRITE)) {
            if (unsynced) {
                long from = segment.markBefore(Math.max(scan.synced + 1, segment.first())).offset();
                rewrite(file, from, segment.end());
            }
            if (cut) {
                file.truncate(segment.end());
                segment.setSize(segment.end());
            }
            file.sync();
        }
    }

    private static void rewrite(DiskFile file, long from, long end) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, end - from));
        for (long at = from; at < end; at += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), end - at));
            file.readFully(piece, at);
            file.writeFully(piece.flip(), at);
        }
    }
}
