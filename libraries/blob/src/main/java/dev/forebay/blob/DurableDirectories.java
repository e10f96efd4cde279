package dev.forebay.blob;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * The directories of a container and their syncs. One that is given out is durable in the one above
 * it. Safe for use by many threads; blocks on the disk.
 */
final class DurableDirectories {
    private final Disk disk;
    private final Path root;
    private final Consumer<IOException> onFailedSync;
    private final ConcurrentMap<Path, SharedSync> known = new ConcurrentHashMap<>();

    /**
     * Those in {@code root}, which is durable.
     *
     * @param onFailedSync takes the failure of a sync, after which a directory may not be durable
     */
    DurableDirectories(Disk disk, Path root, Consumer<IOException> onFailedSync) {
        this.disk = disk;
        this.root = root;
        this.onFailedSync = onFailedSync;
        known.put(root, new SharedSync(disk, root));
    }

    /** Makes the directory of {@code file} and those above it, and returns its syncs. */
    SharedSync of(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory == null || !directory.startsWith(root)) {
            throw new IOException(file + " is outside of " + root);
        }
        SharedSync durable = known.get(directory);
        return durable != null ? durable : make(directory);
    }

    private SharedSync make(Path directory) throws IOException {
        SharedSync above = of(directory);
        if (disk.stat(directory).isEmpty()) {
            try {
                disk.createDirectory(directory);
            } catch (FileAlreadyExistsException e) {
                // Another put made it between the look and the call. It may not be synced yet, so
                // both sync.
                assert disk.stat(directory).isPresent() : e;
            }
        }
        try {
            above.sync();
        } catch (IOException e) {
            onFailedSync.accept(e);
            throw e;
        }
        return known.computeIfAbsent(directory, path -> new SharedSync(disk, path));
    }
}
