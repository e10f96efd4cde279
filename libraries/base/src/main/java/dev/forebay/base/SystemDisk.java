package dev.forebay.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The machine's file system through {@link FileChannel}, and through system calls where the JDK has
 * no way.
 */
enum SystemDisk implements Disk {
    INSTANCE;

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE = mode("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
            mode("rwx------");
    private static final Set<OpenOption> LOCK_OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final int LONGEST_PID = 20;

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
            return new SystemDiskFile(path, FileChannel.open(path, options, OWNER_FILE));
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
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void syncAll(Path root) throws IOException {
        if (SystemCalls.available()) {
            SystemCalls.syncFileSystem(root);
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
        FileChannel channel = FileChannel.open(path, LOCK_OPTIONS, OWNER_FILE);
        boolean ours = false;
        try {
            if (tryLock(channel) == null) {
                throw new LockedException(path, readPid(channel));
            }
            channel.truncate(0);
            channel.write(ascii(Long.toString(ProcessHandle.current().pid())), 0);
            ours = true;
        } catch (IOException e) {
            throw noSpace(path, e);
        } finally {
            if (!ours) {
                channel.close();
            }
        }
        return channel::close;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by this very process, which the caller reports like any other owner.
            return null;
        }
    }

    private static long readPid(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(LONGEST_PID);
        channel.read(text, 0);
        String digits = StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
        return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
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
