package dev.forebay.run.oci;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.run.OutcomeFile;
import dev.forebay.run.RunFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.Objects;

/**
 * The files of one run. The directory of the run is for the server's user alone; the pipes in it
 * are for all, since the user of a container is another one, and only the container reaches them.
 *
 * <pre>
 *  RUN/begun         made before the container starts
 *  RUN/pipes/        the named pipes of the parameters, which the container sees
 *  RUN/log           the log
 *  RUN/outcome       how the run ended, created whole and synced
 * </pre>
 *
 * <p>Blocks. For use by the thread that has the run.
 */
record RunFiles(Path path) {
    static RunFiles of(Path runs, long run) {
        return new RunFiles(runs.resolve(Long.toString(run)));
    }

    Path pipes() {
        return path.resolve("pipes");
    }

    Path log() {
        return path.resolve("log");
    }

    private Path begun() {
        return path.resolve("begun");
    }

    OutcomeFile outcome() {
        return new OutcomeFile(path.resolve("outcome"));
    }

    boolean exists() {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    void create() throws IOException {
        make(path, "rwx------");
        make(pipes(), "rwxr-xr-x");
    }

    private static void make(Path directory, String mode) throws IOException {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }

    void openToContainer(Collection<String> pipes) throws IOException {
        for (String pipe : pipes) {
            Files.setPosixFilePermissions(
                    Path.of(pipe), PosixFilePermissions.fromString("rw-rw-rw-"));
        }
    }

    /** Says that a container may run; this survives a power cut when it returns. */
    void begin() throws IOException {
        try (DiskFile file = Disk.system().open(begun(), Disk.Access.CREATE)) {
            file.sync();
        }
        Disk.system().syncDirectory(path);
        Disk.system().syncDirectory(Objects.requireNonNull(path.getParent()));
    }

    boolean hasBegun() {
        return Files.exists(begun(), LinkOption.NOFOLLOW_LINKS);
    }

    void removePipes() throws IOException {
        RunFolders.remove(pipes());
    }

    void removeLog() throws IOException {
        Files.deleteIfExists(log());
    }

    /** Removes everything. */
    void remove() throws IOException {
        RunFolders.remove(path);
    }
}
