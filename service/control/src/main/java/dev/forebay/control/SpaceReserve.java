package dev.forebay.control;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Room on the disk that only deletions may use: a file of allocated blocks beside the catalogue,
 * which is cut piece by piece when a deletion finds the disk full.
 *
 * <p>SQLite appends every change to its log before it changes the database, so on a full disk even
 * a deletion needs a few blocks. They are given in small pieces: what one deletion leaves over,
 * another writer may take.
 *
 * <p><b>Guarantee.</b> Where nothing is left for it the reserve is short, and no call fails for
 * that. <b>Limit.</b> A process that is killed leaves the file, which the next one takes over. For
 * one thread at a time.
 */
final class SpaceReserve {
    /** More than SQLite's log and the pages that wait in it, 4 MB each, need together. */
    private static final long SIZE = 12L << 20;

    private static final long PIECE = 256L << 10;

    private final Disk disk;
    private final Path file;
    private long held;

    SpaceReserve(Disk disk, Path file) throws IOException {
        this.disk = disk;
        this.file = file;
        this.held = disk.stat(file).map(Disk.Entry::size).orElse(0L) / PIECE * PIECE;
    }

    boolean isFull() {
        return held >= SIZE;
    }

    /**
     * Allocates what is missing, or as much of it as there is room for.
     *
     * @return why it is still short, if it is
     */
    Optional<IOException> refill() {
        if (isFull()) {
            return Optional.empty();
        }
        try (DiskFile open = open()) {
            for (; held < SIZE; held += PIECE) {
                open.allocate(held, PIECE);
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    private DiskFile open() throws IOException {
        boolean there = disk.stat(file).isPresent();
        return disk.open(file, there ? Disk.Access.WRITE : Disk.Access.CREATE);
    }

    /**
     * Frees one piece.
     *
     * @return false if there was none left
     */
    boolean releasePiece() throws IOException {
        if (held == 0) {
            return false;
        }
        try (DiskFile open = open()) {
            open.truncate(held - PIECE);
        }
        held -= PIECE;
        return true;
    }
}
