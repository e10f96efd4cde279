package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A disk that hands every call to another and measures each sync where it happens, the forces of
 * journals and the syncs of blobs among them. As safe and as blocking as the other one.
 */
final class MeasuredDisk implements Disk {
    private final Disk disk;
    private final Clock clock;
    private final SyncTimes times;

    MeasuredDisk(Disk disk, Clock clock, SyncTimes times) {
        this.disk = disk;
        this.clock = clock;
        this.times = times;
    }

    private interface Sync {
        void run() throws IOException;
    }

    private void measured(Path path, SyncTimes.Of of, Sync sync) throws IOException {
        long began = clock.nanos();
        boolean done = false;
        try {
            sync.run();
            done = true;
        } finally {
            times.took(path, of, clock.nanos() - began, done);
        }
    }

    @Override
    public DiskFile open(Path path, Access access) throws IOException {
        return new Measured(path, disk.open(path, access));
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
        measured(directory, SyncTimes.Of.DIRECTORY, () -> disk.syncDirectory(directory));
    }

    @Override
    public void syncAll(Path root) throws IOException {
        measured(root, SyncTimes.Of.ALL, () -> disk.syncAll(root));
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public boolean visit(Path directory, Predicate<? super Path> visitor) throws IOException {
        return disk.visit(directory, visitor);
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

    /** An open file, whose syncs count. */
    private final class Measured implements DiskFile {
        private final Path path;
        private final DiskFile file;

        Measured(Path path, DiskFile file) {
            this.path = path;
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
        public void writeFully(ByteBuffer source, long position) throws IOException {
            file.writeFully(source, position);
        }

        @Override
        public int readFully(ByteBuffer target, long position) throws IOException {
            return file.readFully(target, position);
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
            measured(path, SyncTimes.Of.FILE, file::sync);
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
