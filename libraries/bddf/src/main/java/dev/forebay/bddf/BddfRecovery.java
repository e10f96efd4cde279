package dev.forebay.bddf;

import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Completes a page that was not completed.
 *
 * <p>Blocks are read from the first on. A block is good if its checksum is that of the index; one
 * that the index does not name was never synced, and may hold anything. If there is no index at
 * all, every block that can be read counts as good. The first bad block is the torn tail, and is
 * cut, unless the index names a good block behind it: then it is damage in the middle, which stays
 * where it is, is left out of the file's index, and is reported. What is kept is written again and
 * synced before the call returns, so that it is durable even if a sync of it failed before. Every
 * step can be cut off and is done again by the next call.
 *
 * <p><b>Limit.</b> A page that has an end is taken for whole and left as it is: if it was damaged
 * after that, its readers refuse it.
 *
 * <p>Blocks while it reads the page once; it takes the time of that and of a few syncs.
 */
public final class BddfRecovery {
    private static final int LARGEST_DESCRIPTOR = 16 << 20;
    private static final int PIECE = 1 << 20;

    /**
     * A range of bytes in front of readable blocks that is not readable itself: the device damaged
     * it, or a power cut took blocks that were not synced and left later ones.
     *
     * @param offset where it begins
     * @param bytes how many
     * @param blocks how many blocks the index says were there
     */
    public record Damage(long offset, long bytes, long blocks) {}

    /**
     * What a recovery found and did.
     *
     * @param complete true if the page had been completed already, and nothing was changed
     * @param blocks readable blocks
     * @param emptyPayloads blocks that are kept in the index alone
     * @param cutBytes bytes of the torn tail that was cut
     * @param lostBlocks blocks that the index names and the page does not hold, at its end; they
     *     were not synced, unless the device broke its word
     * @param damage ranges in the middle
     */
    public record Report(
            boolean complete,
            long blocks,
            long emptyPayloads,
            long cutBytes,
            long lostBlocks,
            List<Damage> damage) {
        /** Copies the lists. */
        public Report {
            damage = List.copyOf(damage);
        }
    }

    private final DiskFile page;
    private final long size;
    private final List<PageIndex.Entry> known;

    /** False if nothing is known of the blocks, so that each has to be believed. */
    private final boolean indexed;

    private final BlockChecksums crcs;
    private final List<BddfWriter.Written> series = new ArrayList<>();
    private final List<PageIndex.Entry> kept = new ArrayList<>();
    private final List<Damage> damage = new ArrayList<>();
    private final ByteBuffer header =
            ByteBuffer.allocate(Layout.HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private boolean whole;

    /** Where what can be kept ends. */
    private long end;

    private BddfRecovery(DiskFile page, PageIndex index) throws IOException {
        this.page = page;
        size = page.size();
        known = index.entries();
        indexed = !known.isEmpty();
        crcs = index.checksums();
    }

    /**
     * Completes the page in {@code page} with the index in {@code index}, which is made if it is
     * missing. The folder of the index is synced; that of the page has to be the same.
     *
     * @param disk where both are
     * @param page the file of the page
     * @param index the file beside it
     * @return what was found and done
     * @throws BddfException if the page's first block cannot be read
     * @throws IOException if the disk fails
     */
    public static Report recover(Disk disk, Path page, Path index) throws IOException {
        try (Closing files = new Closing()) {
            DiskFile pageFile = disk.open(page, Disk.Access.WRITE);
            files.then(pageFile::close);
            BddfRecovery recovery = new BddfRecovery(pageFile, known(disk, index));
            Report report = recovery.run();
            recovery.writeIndex(disk, index);
            return report;
        }
    }

    private static PageIndex known(Disk disk, Path index) throws IOException {
        if (disk.stat(index).isEmpty()) {
            return new PageIndex(List.of());
        }
        try (DiskFile file = disk.open(index, Disk.Access.READ)) {
            return PageIndex.read(Source.of(file));
        }
    }

    private Report run() throws IOException {
        FileDescriptor file = fileDescriptor();
        end = scan(Layout.MAGIC.length + Layout.HEADER + headerSize(Layout.MAGIC.length));
        long empty = known.stream().filter(this::keptEmpty).count();
        long lost =
                known.stream()
                        .filter(e -> e.empty() ? e.offset() > end : e.offset() >= end)
                        .count();
        Report report = new Report(whole, blocks(), empty, whole ? 0 : size - end, lost, damage);
        rewrite(end);
        if (!whole) {
            complete(file);
        }
        page.sync();
        return report;
    }

    /**
     * Writes what is kept once more, as it is. If a sync of the page failed before, the system may
     * count its bytes as clean, and the next sync would pass over them.
     */
    private void rewrite(long bytes) throws IOException {
        for (long at = 0; at < bytes; ) {
            byte[] piece = bytes(at, (int) Math.min(PIECE, bytes - at));
            page.writeFully(ByteBuffer.wrap(piece), at);
            at += piece.length;
        }
    }

    private boolean keptEmpty(PageIndex.Entry entry) {
        return entry.empty() && entry.offset() <= end;
    }

    private long blocks() {
        return series.stream().mapToLong(s -> s.blocks().count()).sum();
    }

    private FileDescriptor fileDescriptor() throws IOException {
        // Opening a stream on it checks the magic, the version and the checksum type.
        return new BddfStream(new Reader(page), BddfStream.LARGEST_BLOCK).file();
    }

    private long headerSize(long at) throws IOException {
        return Layout.size(headerAt(at));
    }

    /** The header at an offset, or -1, which is of no type, if there is none. */
    private long headerAt(long at) throws IOException {
        return page.readFully(header.clear(), at) == Layout.HEADER ? header.getLong(0) : -1;
    }

    /** Reads from {@code from} on; returns where what can be kept ends. */
    private long scan(long from) throws IOException {
        long at = from;
        int next = 0;
        while (at < size) {
            long behind = block(at);
            if (behind > 0) {
                at = behind;
                continue;
            }
            if (behind == 0) {
                return at;
            }
            while (next < known.size()
                    && (known.get(next).offset() <= at
                            || known.get(next).empty()
                            || !intact(known.get(next)))) {
                next++;
            }
            if (next == known.size()) {
                return at;
            }
            damaged(at, known.get(next).offset());
            at = known.get(next).offset();
        }
        return Math.min(at, size);
    }

    private void damaged(long from, long until) {
        long blocks =
                known.stream()
                        .filter(e -> !e.empty() && e.offset() >= from && e.offset() < until)
                        .count();
        damage.add(new Damage(from, until - from, blocks));
    }

    /**
     * Takes up the block at an offset.
     *
     * @return the offset behind it; 0 where the indexes of the file begin; negative if it is bad
     */
    private long block(long at) throws IOException {
        long head = headerAt(at);
        long bytes = Layout.size(head);
        return switch (Layout.type(head)) {
            case Layout.DESCRIPTOR -> descriptor(at, bytes);
            case Layout.DATA -> data(at, bytes);
            default -> -1;
        };
    }

    private long descriptor(long at, long bytes) throws IOException {
        long behind = at + Layout.HEADER + bytes;
        if (behind > size || bytes > LARGEST_DESCRIPTOR) {
            return -1;
        }
        Descriptors found;
        try {
            found = Descriptors.decode(bytes(at + Layout.HEADER, (int) bytes));
        } catch (BddfException e) {
            return -1; // Reported as torn or damaged, which is all that it says.
        }
        return switch (found) {
            case Descriptors.OfSeries(SeriesDescriptor described) -> {
                if (described.index() != series.size()) {
                    yield -1;
                }
                SeriesBlocks blocks = new SeriesBlocks(described.additionalIndexNames().size());
                series.add(new BddfWriter.Written(described, at, blocks));
                yield behind;
            }
            case Descriptors.OfBlocks _, Descriptors.OfIndex _ -> {
                whole = isComplete();
                yield 0;
            }
            case Descriptors.OfFile _, Descriptors.Unknown _ -> -1;
        };
    }

    private boolean isComplete() throws IOException {
        try {
            BddfFile file = BddfFile.open(Source.of(page));
            for (int i = 0; i < file.identifiers().size(); i++) {
                file.series(i);
            }
            return true;
        } catch (BddfException e) {
            return false; // Its indexes are written again.
        }
    }

    private long data(long at, long bytes) throws IOException {
        long behind = at + Layout.HEADER + Layout.DESCRIPTOR_LENGTH + bytes;
        if (behind > size || bytes > Integer.MAX_VALUE - 64) {
            return -1;
        }
        byte[] block = bytes(at, (int) (behind - at));
        int described = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
        if (described < 0 || described >= bytes) {
            return -1;
        }
        int crc = crc(block);
        if (indexed && !crcs.match(at, crc)) {
            return -1;
        }
        int payload = Layout.HEADER + Layout.DESCRIPTOR_LENGTH + described;
        try {
            Descriptors.OfData data =
                    Descriptors.decodeData(
                            block, Layout.HEADER + Layout.DESCRIPTOR_LENGTH, payload);
            if (data.series() >= series.size()) {
                return -1;
            }
            int length = block.length - payload;
            series.get(data.series())
                    .blocks()
                    .add(data.nanos(), at, data.additionalIndexes().toArray(), length);
            kept.add(new PageIndex.Entry(at, data.nanos(), length, data.series(), crc));
            return behind;
        } catch (BddfException e) {
            return -1; // Reported as torn or damaged, which is all that it says.
        }
    }

    private boolean intact(PageIndex.Entry entry) throws IOException {
        long bytes = Layout.size(headerAt(entry.offset()));
        long behind = entry.offset() + Layout.HEADER + Layout.DESCRIPTOR_LENGTH + bytes;
        return bytes < Integer.MAX_VALUE - 64
                && behind <= size
                && crc(bytes(entry.offset(), (int) (behind - entry.offset()))) == entry.crc();
    }

    private static int crc(byte[] block) {
        CRC32C crc = new CRC32C();
        crc.update(block);
        return (int) crc.getValue();
    }

    private byte[] bytes(long at, int count) throws IOException {
        byte[] bytes = new byte[count];
        page.readFully(ByteBuffer.wrap(bytes), at);
        return bytes;
    }

    private void complete(FileDescriptor file) throws IOException {
        page.truncate(end);
        page.sync(); // An end must never be there without what is in front of it.
        MessageDigest digest = file.checksum() == Checksum.SHA1 ? Sha1.create() : null;
        digest(digest);
        new BddfWriter(new Appender(page, end), digest, series, end).close();
    }

    private void digest(@Nullable MessageDigest digest) throws IOException {
        for (long at = 0; digest != null && at < end; ) {
            byte[] piece = bytes(at, (int) Math.min(1 << 16, end - at));
            digest.update(piece);
            at += piece.length;
        }
    }

    /**
     * Puts an index of the readable blocks, and of the empty ones between them, in the place of the
     * old one, whole or not at all.
     */
    private void writeIndex(Disk disk, Path index) throws IOException {
        List<PageIndex.Entry> all = new ArrayList<>(kept);
        known.stream().filter(this::keptEmpty).forEach(all::add);
        all.sort(
                Comparator.comparingLong(PageIndex.Entry::offset)
                        .thenComparing(entry -> !entry.empty()));
        ByteBuffer bytes =
                ByteBuffer.allocate(PageIndex.HEADER + all.size() * PageIndex.ENTRY)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(PageIndex.header());
        for (int i = 0; i < all.size(); i++) {
            PageIndex.put(bytes, i, all.get(i));
        }
        Path draft = index.resolveSibling(index.getFileName() + ".new");
        if (disk.stat(draft).isPresent()) {
            disk.delete(draft); // A recovery that was cut off left it.
        }
        try (DiskFile file = disk.open(draft, Disk.Access.CREATE)) {
            file.writeFully(bytes.flip(), 0);
            file.sync();
        }
        disk.rename(draft, index);
        Path folder = index.toAbsolutePath().getParent();
        if (folder != null) {
            disk.syncDirectory(folder);
        }
    }

    /** Reads a file from its beginning. */
    private static final class Reader implements ReadableByteChannel {
        private final DiskFile file;
        private long position;

        Reader(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int count = file.read(target, position);
            position += Math.max(0, count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
