package dev.forebay.testkit;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Disks that lie to the code above them, for proofs of proofs: code that runs on one of these is a
 * broken twin of itself, and a test of its promises must fail.
 */
public enum Sabotage {
    /** Directory syncs are skipped: what a forgotten one would do. */
    SKIP_DIRECTORY_SYNC,
    /** File syncs and forces are skipped. */
    SKIP_FILE_SYNC,
    /** The sync of everything that follows an unclean stop is skipped. */
    SKIP_SYNC_ALL,
    /** A sync that fails is reported as done. */
    SWALLOW_SYNC_ERRORS,
    /** A link replaces what has the name already. */
    LINK_REPLACES;

    /** {@code disk} with this lie. */
    public Disk of(Disk disk) {
        return new LyingDisk(disk);
    }

    private interface Sync {
        void run() throws IOException;
    }

    private void sync(boolean skipped, Sync sync) throws IOException {
        if (skipped) {
            return;
        }
        try {
            sync.run();
        } catch (IOException e) {
            if (this != SWALLOW_SYNC_ERRORS) {
                throw e;
            }
        }
    }

    private final class LyingDisk implements Disk {
        private final Disk disk;

        LyingDisk(Disk disk) {
            this.disk = disk;
        }

        @Override
        public DiskFile open(Path path, Access access) throws IOException {
            return new LyingFile(disk.open(path, access));
        }

        @Override
        public void createDirectory(Path directory) throws IOException {
            disk.createDirectory(directory);
        }

        @Override
        public void link(Path existing, Path name) throws IOException {
            if (Sabotage.this == LINK_REPLACES && disk.stat(name).isPresent()) {
                disk.delete(name);
            }
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
            sync(Sabotage.this == SKIP_DIRECTORY_SYNC, () -> disk.syncDirectory(directory));
        }

        @Override
        public void syncAll(Path root) throws IOException {
            sync(Sabotage.this == SKIP_SYNC_ALL, () -> disk.syncAll(root));
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
    }

    private final class LyingFile implements DiskFile {
        private final DiskFile file;

        LyingFile(DiskFile file) {
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
            Sabotage.this.sync(Sabotage.this == SKIP_FILE_SYNC, file::sync);
        }

        @Override
        public DiskMapping map(long offset, long length) throws IOException {
            return new LyingMapping(file.map(offset, length));
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private final class LyingMapping implements DiskMapping {
        private final DiskMapping mapping;

        LyingMapping(DiskMapping mapping) {
            this.mapping = mapping;
        }

        @Override
        public long size() {
            return mapping.size();
        }

        @Override
        public void put(long at, byte[] source, int from, int length) {
            mapping.put(at, source, from, length);
        }

        @Override
        public void putInt(long at, int value) {
            mapping.putInt(at, value);
        }

        @Override
        public void putLong(long at, long value) {
            mapping.putLong(at, value);
        }

        @Override
        public void get(long at, byte[] target, int from, int length) {
            mapping.get(at, target, from, length);
        }

        @Override
        public int getInt(long at) {
            return mapping.getInt(at);
        }

        @Override
        public long getLong(long at) {
            return mapping.getLong(at);
        }

        @Override
        public void warm(long at, long length, boolean forStores) throws IOException {
            mapping.warm(at, length, forStores);
        }

        @Override
        public void force(long at, long length) throws IOException {
            Sabotage.this.sync(Sabotage.this == SKIP_FILE_SYNC, () -> mapping.force(at, length));
        }

        @Override
        public void close() {
            mapping.close();
        }
    }
}
