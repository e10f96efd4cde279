package dev.forebay.run;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * The files of one run.
 *
 * <pre>
 *  RUN/pipes/        the named pipes of the parameters
 *  RUN/log           the log
 *  RUN/outcome       how the run ended, created whole and synced
 * </pre>
 *
 * <p>A {@link Host} adds its own. Blocks; holds no state.
 *
 * @param path of the folder
 */
public record RunFolder(Path path) {
    /**
     * A file that only its host knows.
     *
     * @param name not one of those above
     * @return its path
     */
    public Path file(String name) {
        return path.resolve(name);
    }

    /**
     * The folder of the named pipes.
     *
     * @return its path
     */
    public Path pipes() {
        return path.resolve("pipes");
    }

    Path log() {
        return path.resolve("log");
    }

    OutcomeFile outcome() {
        return new OutcomeFile(this);
    }

    boolean exists() {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Makes the folder and that of the pipes, with these modes.
     *
     * @param mode such as {@code rwx------}
     * @param pipesMode of the folder of the pipes
     * @throws IOException if one cannot be made
     */
    public void create(String mode, String pipesMode) throws IOException {
        make(path, mode);
        make(pipes(), pipesMode);
    }

    /**
     * Makes a folder in this one, or this one itself.
     *
     * @param folder whose parent is there
     * @param mode such as {@code rwx------}
     * @throws IOException if it cannot be made
     */
    public static void make(Path folder, String mode) throws IOException {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    /**
     * Removes the pipes.
     *
     * @throws IOException if one cannot be removed
     */
    public void removePipes() throws IOException {
        removeAll(pipes());
    }

    /**
     * Makes a file with mode 0600, whole or not at all, or replaces it.
     *
     * @param name of the file
     * @param text its content, as UTF-8
     * @throws IOException if it cannot be written; the old one is there then
     */
    public void write(String name, String text) throws IOException {
        write(name, text, false);
    }

    /**
     * As {@link #write}, and the file survives a power cut when this returns.
     *
     * @param name of the file
     * @param text its content, as UTF-8
     * @throws IOException if it cannot be written or synced
     */
    public void writeSynced(String name, String text) throws IOException {
        write(name, text, true);
        Disk.system().syncDirectory(path);
    }

    private void write(String name, String text, boolean synced) throws IOException {
        Path aside = file(name + ".new");
        Files.deleteIfExists(aside);
        try (DiskFile opened = Disk.system().open(aside, Disk.Access.CREATE)) {
            opened.writeFully(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            if (synced) {
                opened.sync();
            }
        }
        Disk.system().rename(aside, file(name));
    }

    /** The folder itself survives a power cut when this returns. */
    void syncName() throws IOException {
        Disk.system().syncDirectory(Objects.requireNonNull(path.getParent()));
    }

    /** Removes everything. */
    void remove() throws IOException {
        removeAll(path);
    }

    /**
     * Removes a file, or a folder with all in it. Symbolic links are removed, not followed.
     *
     * @param root a file, a folder or nothing
     * @throws IOException if something cannot be removed
     */
    public static void removeAll(Path root) throws IOException {
        if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> names = Files.newDirectoryStream(root)) {
                for (Path name : names) {
                    removeAll(name);
                }
            }
        }
        Files.deleteIfExists(root);
    }
}
