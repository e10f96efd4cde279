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
     * Makes {@code data} and what is missing above it with mode 0700, each name durable in its
     * parent; a directory for the data that is there already is given that mode.
     */
    static void prepare(Disk disk, Path data) throws IOException {
        Optional<Disk.Entry> found = disk.stat(data);
        if (found.isEmpty()) {
            make(disk, data.toAbsolutePath());
        } else if (!found.get().directory()) {
            throw new IOException(
                    "expected a directory for the server's data, found a file: " + data);
        } else {
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static void make(Disk disk, Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null && disk.stat(parent).isEmpty()) {
            make(disk, parent);
        }
        disk.createDirectory(directory);
        if (parent != null) {
            disk.syncDirectory(parent);
        }
    }
}
