package dev.forebay.base;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The seam through which all file access of the durable rooms goes, mappings included, so that a
 * test can cut the power after any call, shorten a write, fill the disk or fail a sync.
 *
 * <p><b>Guarantee.</b> A call has the meaning of the POSIX call it is named after, and nothing
 * more: a write is durable only after {@link DiskFile#sync}, a name (created, linked, renamed or
 * deleted) only after {@link #syncDirectory} of the directory it stands in. Nothing is retried and
 * nothing is cached.
 *
 * <p><b>Limit.</b> Paths are of the default file system. Full disks are reported as {@link
 * NoSpaceException}, all other faults as the {@link IOException} that the platform gives; missing
 * files as {@link java.nio.file.NoSuchFileException}, names already taken as {@link
 * java.nio.file.FileAlreadyExistsException}.
 *
 * <p>All methods block the calling thread and may be called by many threads at once. No call is
 * ended by an interrupt of its thread, and none clears the interrupt status.
 */
public interface Disk {
    /** {@return the machine's own file system} */
    static Disk system() {
        return SystemDisk.INSTANCE;
    }

    /** How {@link #open} opens. */
    enum Access {
        /** An existing file, for reading. */
        READ,
        /** An existing file, for reading and writing. */
        WRITE,
        /** A new file, for reading and writing, mode 0600; the name must be free. */
        CREATE
    }

    /**
     * A file or directory, as it was at one moment.
     *
     * @param directory whether it is a directory, otherwise a file
     * @param size in bytes; of a directory as the system counts it
     * @param modified when its content was last changed
     */
    record Entry(boolean directory, long size, Instant modified) {}

    /**
     * Opens a file; the caller closes it.
     *
     * @param path the file
     * @param access what for, and whether it must be there or must not
     * @return the open file
     * @throws IOException if it cannot be opened so
     */
    DiskFile open(Path path, Access access) throws IOException;

    /**
     * Makes one directory, mode 0700; its parent must exist and its name must be free.
     *
     * @param directory its path
     * @throws IOException if it cannot be made
     */
    void createDirectory(Path directory) throws IOException;

    /**
     * Gives {@code existing} a second name, which must be free: the atomic "create whole or not at
     * all".
     *
     * @param existing a file
     * @param name its second name, on the same device
     * @throws IOException if the name is taken or the link cannot be made
     */
    void link(Path existing, Path name) throws IOException;

    /**
     * Renames a file or directory, replacing a file that has the new name. Atomic.
     *
     * @param from what is there
     * @param to its new name, on the same device
     * @throws IOException if it keeps its old name
     */
    void rename(Path from, Path to) throws IOException;

    /**
     * Removes a file or an empty directory.
     *
     * @param path what goes
     * @throws IOException if it stays
     */
    void delete(Path path) throws IOException;

    /**
     * Makes the names in {@code directory} durable as they stand now.
     *
     * @param directory whose names are meant, not those below it
     * @throws IOException if nothing is known of the names made since the last success
     */
    void syncDirectory(Path directory) throws IOException;

    /**
     * Makes everything at and below {@code root} durable as it stands now; may sync the whole file
     * system.
     *
     * @param root a directory
     * @throws IOException if nothing is known of what was written since the last success
     */
    void syncAll(Path root) throws IOException;

    /**
     * The names in {@code directory}, as full paths in no particular order.
     *
     * @param directory whose names are wanted
     * @return a list of the caller's own
     * @throws IOException if the directory cannot be read
     */
    List<Path> list(Path directory) throws IOException;

    /**
     * Passes the names in {@code directory}, as full paths in no particular order, to {@code
     * visitor} until it returns false. {@link #system()} neither holds all names in memory nor
     * reads them to the end in vain.
     *
     * @param directory whose names are wanted
     * @param visitor returns false to end it
     * @return false if the visitor ended it
     * @throws IOException if the directory cannot be read
     */
    default boolean visit(Path directory, Predicate<? super Path> visitor) throws IOException {
        return list(directory).stream().allMatch(visitor);
    }

    /**
     * The file or directory at {@code path}; empty if there is none.
     *
     * @param path a file, a directory or nothing
     * @return its state at this moment
     * @throws IOException if the disk fails, so that it is not known
     */
    Optional<Entry> stat(Path path) throws IOException;

    /**
     * Bytes that this process may still write on the device of {@code path}.
     *
     * @param path something that is there
     * @return bytes, 0 or more
     * @throws IOException if the system does not say
     */
    long usableBytes(Path path) throws IOException;

    /**
     * Takes the exclusive lock of the directory that {@code path} is in, by way of a small file at
     * {@code path}, which is created if need be and then holds the owner's process id. The
     * operating system releases it with the process, however that ends. Other names of the
     * directory lead to the same lock. A refused call, or reading the file, does not end it; where
     * the system has only POSIX locks, reading the file in the owner's process does.
     *
     * @param path the lock file, whose directory is there
     * @return the held lock; closing it releases it and leaves the file; closing it again does
     *     nothing
     * @throws LockedException if it is held already, in this process or another
     */
    AutoCloseableLock lock(Path path) throws IOException;

    /** A held lock. */
    interface AutoCloseableLock extends AutoCloseable {
        @Override
        void close() throws IOException;
    }
}
