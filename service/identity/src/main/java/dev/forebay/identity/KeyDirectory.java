package dev.forebay.identity;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The directory of a server's secrets, mode 0700, and small files in it, mode 0600.
 *
 * <p><b>Guarantee.</b> A file is replaced whole or not at all, whatever happens during the call,
 * and what {@link #read} returns survives a power cut. <b>Limit.</b> For one process, which owns
 * the data directory. Blocks; holds no state.
 */
final class KeyDirectory {
    private static final int LARGEST_FILE = 4 << 20;

    private final Disk disk;
    private final Path path;

    private KeyDirectory(Disk disk, Path path) {
        this.disk = disk;
        this.path = path;
    }

    /** Opens {@code path}, which is made durably if it is missing. */
    static KeyDirectory open(Disk disk, Path path) throws IOException {
        if (disk.stat(path).isEmpty()) {
            disk.createDirectory(path);
        }
        // Names that a start which was cut off left unsynced are synced before they are used.
        disk.syncDirectory(path);
        Path parent = path.toAbsolutePath().getParent();
        disk.syncDirectory(parent == null ? path : parent);
        return new KeyDirectory(disk, path);
    }

    /** For reading only; another process may own the directory, or none has made it yet. */
    static KeyDirectory existing(Disk disk, Path path) {
        return new KeyDirectory(disk, path);
    }

    /** Where a file is, for messages. */
    Path at(String name) {
        return path.resolve(name);
    }

    /** The bytes of a file, or empty if there is none. */
    Optional<byte[]> read(String name) throws IOException {
        Path file = at(name);
        if (disk.stat(file).isEmpty()) {
            return Optional.empty();
        }
        try (DiskFile stored = disk.open(file, Disk.Access.READ)) {
            if (stored.size() > LARGEST_FILE) {
                throw new IOException(
                        "%s has %d bytes, the largest that is read has %d; restore it from a backup"
                                .formatted(file, stored.size(), LARGEST_FILE));
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) stored.size());
            stored.readFully(bytes, 0);
            byte[] content = new byte[bytes.flip().remaining()];
            bytes.get(content);
            return Optional.of(content);
        }
    }

    /** Writes {@code content} aside and syncs it; the file itself is as it was. */
    private Path stage(String name, byte[] content) throws IOException {
        Path staged = path.resolve(name + ".new");
        if (disk.stat(staged).isPresent()) {
            disk.delete(staged); // Of a call that was cut off.
        }
        try (DiskFile out = disk.open(staged, Disk.Access.CREATE)) {
            out.writeFully(ByteBuffer.wrap(content), 0);
            out.sync();
        }
        return staged;
    }

    /**
     * Replaces a file, or makes it.
     *
     * @throws UnknownOutcomeException if the file may have the new content or the old
     * @throws IOException if it has the old content
     */
    void write(String name, byte[] content) throws IOException {
        Path staged = stage(name, content);
        try {
            disk.rename(staged, at(name));
            disk.syncDirectory(path);
        } catch (Throwable e) {
            throw new UnknownOutcomeException(
                    at(name) + " was replaced, and it is not known whether durably", e);
        }
    }

    /** Whether a file was replaced is only known after the directory is opened again. */
    static final class UnknownOutcomeException extends IOException {
        UnknownOutcomeException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
