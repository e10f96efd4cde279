package dev.forebay.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a directory, by way of a small file in it that holds the owner's process id.
 *
 * <p><b>Guarantee.</b> While it is held, no other call here succeeds for the same directory: in
 * this process by a registry of device and inode, so that a second name of the directory finds it
 * too; in other processes by a lock that belongs to the open file (an open file description lock,
 * {@code F_OFD_SETLK} of fcntl(2)). Neither a refused second call nor reading the file ends it. No
 * child process inherits it. The system releases it when the process ends, however it ends.
 *
 * <p><b>Limit.</b> Where the system has no such lock, or native access is denied to this module, a
 * POSIX lock takes its place, and a warning is logged once: that lock ends as soon as <i>any</i>
 * code of this process closes <i>any</i> descriptor of the file, so nothing may read it. Whoever
 * deletes the file takes the lock away from processes that come later.
 *
 * <p>Safe for use by many threads.
 */
final class DirectoryLock implements Disk.AutoCloseableLock {
    private static final System.Logger LOG = System.getLogger("dev.forebay.base");
    private static final int LONGEST_PID = 20;
    private static final Set<OpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    /** The locks that this process holds. */
    private static final Set<Key> HELD = ConcurrentHashMap.newKeySet();

    private record Key(FileIdentity directory, String name) {}

    /** What releases the system's lock. */
    private interface Release {
        void run() throws IOException;
    }

    private final Key key;
    private final Release release;
    private final AtomicBoolean released = new AtomicBoolean();

    private DirectoryLock(Key key, Release release) {
        this.key = key;
        this.release = release;
    }

    static DirectoryLock take(Path path) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        Path name = path.getFileName();
        if (directory == null || name == null) {
            throw new IOException("cannot lock %s: it is not a file in a folder".formatted(path));
        }
        Key key = new Key(FileIdentity.of(directory), name.toString());
        if (!HELD.add(key)) {
            throw new LockedException(path, ProcessHandle.current().pid());
        }
        boolean ours = false;
        try {
            Release release = UninterruptedThreads.callBrief(() -> lock(path));
            ours = true;
            return new DirectoryLock(key, release);
        } finally {
            if (!ours) {
                HELD.remove(key);
            }
        }
    }

    private static Release lock(Path path) throws IOException {
        if (SystemCalls.available()) {
            SystemCalls.OpenFileLock lock = SystemCalls.lock(path);
            switch (lock) {
                case SystemCalls.OpenFileLock.Held held -> {
                    return noted(path, held::release);
                }
                case SystemCalls.OpenFileLock.Refused _ ->
                        throw new LockedException(path, pid(Files.readAllBytes(path)));
                case SystemCalls.OpenFileLock.Unsupported _ ->
                        warn("this system has no open file description locks");
            }
        } else {
            warn("native access is denied to the module dev.forebay.base or not to be had here");
        }
        return posixLock(path);
    }

    private static Release posixLock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, OPTIONS, SystemDisk.OWNER_FILE);
        boolean ours = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                ByteBuffer owner = ByteBuffer.allocate(LONGEST_PID);
                channel.read(owner, 0);
                throw new LockedException(
                        path, pid(StandardCharsets.US_ASCII.decode(owner.flip()).toString()));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(ownPid()), 0);
            ours = true;
            return channel::close;
        } finally {
            if (!ours) {
                channel.close();
            }
        }
    }

    /** Writes the process id into the file, through another descriptor, which ends no lock. */
    private static Release noted(Path path, Release release) throws IOException {
        boolean ours = false;
        try {
            Files.write(
                    path, ownPid(), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            ours = true;
            return release;
        } finally {
            if (!ours) {
                release.run();
            }
        }
    }

    private static byte[] ownPid() {
        return Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    }

    private static long pid(byte[] content) {
        return pid(new String(content, StandardCharsets.US_ASCII));
    }

    private static long pid(@Nullable String content) {
        String digits = content == null ? "" : content.strip();
        return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
    }

    private static void warn(String reason) {
        if (!WARNED.getAndSet(true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "directories are locked by POSIX locks, because {0}: no code of this process"
                            + " may read their lock files",
                    reason);
        }
    }

    @Override
    public void close() throws IOException {
        if (released.getAndSet(true)) {
            return;
        }
        try {
            release.run();
        } finally {
            HELD.remove(key);
        }
    }
}
