package dev.forebay.bench.journal;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The machine's disk with file syncs that take at least a given time, and that are counted. */
public final class SlowSyncDisk implements Disk {
    private final Disk disk = Disk.system();
    private final long syncNanos;
    final AtomicLong syncs = new AtomicLong();

    public SlowSyncDisk(long syncNanos) {
        this.syncNanos = syncNanos;
    }

    @Override
    public DiskFile open(Path path, Access access) throws IOException {
        return new SlowFile(disk.open(path, access));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        disk.createDirectory(directory);
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        disk.link(existing, name);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        disk.syncDirectory(directory);
    }

    @Override
    public void syncAll(Path root) throws IOException {
        disk.syncAll(root);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public Optional<Entry> stat(Path path) throws IOException {
        return disk.stat(path);
    }

    @Override
    public long usableBytes(Path path) throws IOException {
        return disk.usableBytes(path);
    }

    @Override
    public AutoCloseableLock lock(Path path) throws IOException {
        return disk.lock(path);
    }

    private final class SlowFile implements DiskFile {
        private final DiskFile file;

        SlowFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            return file.write(source, position);
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target)
                throws IOException {
            return file.transferTo(position, count, target);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void allocate(long offset, long length) throws IOException {
            file.allocate(offset, length);
        }

        @Override
        public void sync() throws IOException {
            long before = System.nanoTime();
            file.sync();
            syncs.incrementAndGet();
            LockSupport.parkNanos(syncNanos - (System.nanoTime() - before));
        }

        @Override
        public DiskMapping map(long offset, long length) throws IOException {
            return file.map(offset, length);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
