package org.example;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A value in a file, replaced whole. After a power cut at any moment {@link #load} gives what the
 * last {@link #save} that returned was given, or what the next one was.
 *
 * <p>For one thread.
 */
public final class SavedState {
    private final Disk disk;
    private final Path file;

    public SavedState(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    // snippet: save
    public void save(String value) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        if (disk.stat(aside).isPresent()) {
            disk.delete(aside);
        }
        try (DiskFile fresh = disk.open(aside, Disk.Access.CREATE)) {
            fresh.writeFully(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)), 0);
            fresh.sync();
        }
        disk.rename(aside, file);
        disk.syncDirectory(file.getParent());
    }

    // end

    /** The value, or empty if none was ever saved. */
    public Optional<String> load() throws IOException {
        Optional<Disk.Entry> found = disk.stat(file);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (DiskFile saved = disk.open(file, Disk.Access.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) found.get().size());
            saved.readFully(bytes, 0);
            return Optional.of(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        }
    }
}
