package dev.forebay.base;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The machine's file system through the JDK's file channels, and through system calls where the JDK
 * has no way. No call is ended by an interrupt: {@link SystemDiskFile} and {@link
 * UninterruptedThreads} say how.
 */
enum SystemDisk implements Disk {
    INSTANCE;

    static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE = mode("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
            mode("rwx------");

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    @Override
    public DiskFile open(Path path, Access access) throws IOException {
        Set<OpenOption> options =
                switch (access) {
                    case READ -> Set.of(StandardOpenOption.READ);
                    case WRITE -> Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
                    case CREATE ->
                            Set.of(
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE_NEW);
                };
        try {
            AsynchronousFileChannel channel =
                    AsynchronousFileChannel.open(path, options, CallerRuns.INSTANCE, OWNER_FILE);
            boolean opened = false;
            try {
                DiskFile file = new SystemDiskFile(path, channel, FileIdentity.of(path));
                opened = true;
                return file;
            } finally {
                if (!opened) {
                    channel.close();
                }
            }
        } catch (IOException e) {
            throw noSpace(path, e);
        }
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, OWNER_DIRECTORY);
        } catch (IOException e) {
            throw noSpace(directory, e);
        }
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        try {
            Files.createLink(name, existing);
        } catch (IOException e) {
            throw noSpace(name, e);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw noSpace(to, e);
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        UninterruptedThreads.runLong(() -> {
            try (AsynchronousFileChannel channel =
                    AsynchronousFileChannel.open(
                            directory, Set.of(StandardOpenOption.READ), CallerRuns.INSTANCE)) {
                channel.force(true);
            }
        });
    }

    @Override
    public void syncAll(Path root) throws IOException {
        if (SystemCalls.available()) {
            UninterruptedThreads.runLong(() -> SystemCalls.syncFileSystem(root));
            return;
        }
        List<Path> everything;
        try (Stream<Path> walk = Files.walk(root)) {
            everything = walk.toList();
        }
        for (Path path : everything) {
            syncDirectory(path); // Opening for reading and forcing is the same call for files.
        }
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            return names.toList();
        }
    }

    @Override
    public boolean visit(Path directory, Predicate<? super Path> visitor) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
            for (Path name : names) {
                if (!visitor.test(name)) {
                    return false;
                }
            }
            return true;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    @Override
    public Optional<Entry> stat(Path path) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            return Optional.of(
                    new Entry(
                            found.isDirectory(),
                            found.size(),
                            found.lastModifiedTime().toInstant()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public long usableBytes(Path path) throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }

    @Override
    public AutoCloseableLock lock(Path path) throws IOException {
        try {
            return DirectoryLock.take(path);
        } catch (IOException e) {
            throw noSpace(path, e);
        }
    }

    /**
     * The same fault, as {@link NoSpaceException} if it says that the device or the quota is full.
     */
    static IOException noSpace(Path path, IOException fault) {
        String said = String.valueOf(fault.getMessage());
        boolean full =
                said.contains("No space left on device") || said.contains("Disk quota exceeded");
        return full ? new NoSpaceException(path, fault) : fault;
    }
}
