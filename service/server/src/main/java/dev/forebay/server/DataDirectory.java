package dev.forebay.server;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The directory that a server owns: for its user alone, and as durable as what is kept in it. */
final class DataDirectory {
    private DataDirectory() {}

    /**
     * Makes {@code data} with mode 0700, and its name durable in a parent that must exist; one that
     * is there already is given that mode.
     */
    static void prepare(Disk disk, Path data) throws IOException {
        Optional<Disk.Entry> found = disk.stat(data);
        if (found.isEmpty()) {
            disk.createDirectory(data);
            Path parent = data.toAbsolutePath().getParent();
            if (parent != null) {
                disk.syncDirectory(parent);
            }
        } else if (!found.get().directory()) {
            throw new IOException(
                    "expected a directory for the server's data, found a file: " + data);
        } else {
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
