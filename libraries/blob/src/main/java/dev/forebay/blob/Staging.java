package dev.forebay.blob;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The folder of a container in which blobs lie until they are committed. Nobody was told of what a
 * crash leaves there, so it is thrown away, and counted.
 *
 * <p>Safe for use by many threads.
 */
final class Staging {
    static final String NAME = "=staging";

    private final Path directory;
    private final AtomicLong count = new AtomicLong();

    /**
     * Begins the names of staged files. Another container may come to have this path while a put is
     * late, which must not find a file of that one under the name of its own.
     */
    private final String prefix = UUID.randomUUID() + "-";

    private Staging(Path directory) {
        this.directory = directory;
    }

    /** The staging folder of {@code container}, which is made if need be. */
    static Staging of(Disk disk, Path container) throws IOException {
        Path directory = container.resolve(NAME);
        if (disk.stat(directory).isEmpty()) {
            disk.createDirectory(directory);
        }
        return new Staging(directory);
    }

    /** A path that no other staged file has or will have. */
    Path next() {
        return directory.resolve(prefix + count.incrementAndGet());
    }

    /** Deletes what the last owner left in {@code container}, which must not be in use. */
    static Leftovers clear(Disk disk, Path container) throws IOException {
        Path directory = container.resolve(NAME);
        if (disk.stat(directory).isEmpty()) {
            return new Leftovers(0, 0);
        }
        long files = 0;
        long bytes = 0;
        for (Path left : disk.list(directory)) {
            bytes += disk.stat(left).map(Disk.Entry::size).orElse(0L);
            disk.delete(left);
            files++;
        }
        return new Leftovers(files, bytes);
    }
}
