package dev.forebay.testkit;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.nio.file.Path;

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

    private final class LyingDisk extends ForwardingDisk {
        private final Disk disk;

        LyingDisk(Disk disk) {
            super(disk);
            this.disk = disk;
        }

        @Override
        public DiskFile open(Path path, Access access) throws IOException {
            return new LyingFile(disk.open(path, access));
        }

        @Override
        public void link(Path existing, Path name) throws IOException {
            if (Sabotage.this == LINK_REPLACES && disk.stat(name).isPresent()) {
                disk.delete(name);
            }
            disk.link(existing, name);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            sync(Sabotage.this == SKIP_DIRECTORY_SYNC, () -> disk.syncDirectory(directory));
        }

        @Override
        public void syncAll(Path root) throws IOException {
            sync(Sabotage.this == SKIP_SYNC_ALL, () -> disk.syncAll(root));
        }
    }

    private final class LyingFile extends ForwardingFile {
        private final DiskFile file;

        LyingFile(DiskFile file) {
            super(file);
            this.file = file;
        }

        @Override
        public void sync() throws IOException {
            Sabotage.this.sync(Sabotage.this == SKIP_FILE_SYNC, file::sync);
        }

        @Override
        public DiskMapping map(long offset, long length) throws IOException {
            return new LyingMapping(file.map(offset, length));
        }
    }

    private final class LyingMapping extends ForwardingMapping {
        private final DiskMapping mapping;

        LyingMapping(DiskMapping mapping) {
            super(mapping);
            this.mapping = mapping;
        }

        @Override
        public void force(long at, long length) throws IOException {
            Sabotage.this.sync(Sabotage.this == SKIP_FILE_SYNC, () -> mapping.force(at, length));
        }
    }
}
