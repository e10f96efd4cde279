package dev.forebay.blob;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Blobs on their way into a {@link DirectoryContainer} together: written aside into one file,
 * synced, then given their names by the container.
 *
 * <p><b>Guarantee.</b> One whose digest is not the announced one is left out; what {@link #commit}
 * calls created or existing is on the device. No staged file stays, but after a crash. For one
 * thread; blocks on the disk.
 */
final class StagedBatch {
    private final DirectoryContainer container;
    private final Disk disk;
    private final Path path;
    private final List<SmallBlob> blobs;

    StagedBatch(DirectoryContainer container, Disk disk, Path path, List<SmallBlob> blobs) {
        this.container = container;
        this.disk = disk;
        this.path = path;
        this.blobs = blobs;
    }

    /** Puts them, and says of each what came of it. */
    List<PutResult> commit() throws IOException {
        Map<BlobName, SmallBlob> right = new LinkedHashMap<>();
        Map<BlobName, PutResult> results = new LinkedHashMap<>();
        for (SmallBlob blob : blobs) {
            Md5 actual = Md5.of(blob.body());
            results.put(blob.name(), new PutResult.DigestMismatch(blob.md5(), actual));
            if (actual.equals(blob.md5())) {
                right.put(blob.name(), blob);
            }
        }
        if (!right.isEmpty()) {
            Instant created = container.now();
            Set<BlobName> free = create(right, created);
            for (SmallBlob blob : right.values()) {
                results.put(
                        blob.name(),
                        free.contains(blob.name())
                                ? new PutResult.Created(info(blob, created), Durability.SYNCED)
                                : new PutResult.Exists(Durability.SYNCED));
            }
        }
        return new ArrayList<>(results.values());
    }

    private static BlobInfo info(SmallBlob blob, Instant created) {
        return new BlobInfo(blob.name(), blob.size(), blob.md5(), blob.metadata(), created);
    }

    private Set<BlobName> create(Map<BlobName, SmallBlob> right, Instant created)
            throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.CREATE);
                StagedName _ = () -> container.discard(path)) {
            file.writeFully(BatchFile.of(right.values(), created), 0);
            file.sync();
            container.checkTakesPuts();
            return container.settle(right.keySet(), path);
        }
    }

    /** Goes whether the blobs came to be or not; a crash leaves it to the next opening. */
    private interface StagedName extends AutoCloseable {
        @Override
        void close() throws IOException;
    }
}
