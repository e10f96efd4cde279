package dev.forebay.run.process;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.run.OutcomeFile;
import dev.forebay.run.RunFolders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

/**
 * The files of one run.
 *
 * <pre>
 *  RUN/record        mark and supervisor, written before the program starts
 *  RUN/program.sh    what is executed, mode 0600
 *  RUN/log.pipe      standard output and standard error
 *  RUN/pipes/        the named pipes of the parameters
 *  RUN/work/         where the program runs, removed with its end
 *  RUN/log           the log
 *  RUN/outcome       how the run ended, created whole and synced
 * </pre>
 *
 * <p>Blocks. For use by the thread that has the run.
 */
record RunDirectory(Path path) {
    static RunDirectory of(Path runs, long run) {
        return new RunDirectory(runs.resolve(Long.toString(run)));
    }

    Path record() {
        return path.resolve("record");
    }

    Path program() {
        return path.resolve("program.sh");
    }

    Path pipes() {
        return path.resolve("pipes");
    }

    Path work() {
        return path.resolve("work");
    }

    Path logPipe() {
        return path.resolve("log.pipe");
    }

    Path log() {
        return path.resolve("log");
    }

    OutcomeFile outcome() {
        return new OutcomeFile(path.resolve("outcome"));
    }

    boolean exists() {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes the directories; {@code passable} by other users if programs run as one. */
    void create(boolean passable) throws IOException {
        String mode = passable ? "rwx--x--x" : "rwx------";
        for (Path directory : new Path[] {path, pipes(), work()}) {
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
        }
    }

    /**
     * Writes the first record, which says that a program may run; it survives a power cut when this
     * returns.
     */
    void begin(RunRecord record) throws IOException {
        replace(record(), record.text(), true);
        Disk.system().syncDirectory(path);
        Disk.system().syncDirectory(Objects.requireNonNull(path.getParent()));
    }

    /** Replaces the record. */
    void write(RunRecord record) throws IOException {
        replace(record(), record.text(), false);
    }

    /**
     * The record, if a program may have been started. One that a power cut made unreadable is taken
     * for one of processes that are gone.
     */
    Optional<RunRecord> readRecord() throws IOException {
        try {
            String text = Files.readString(record());
            return Optional.of(RunRecord.parse(text).orElseGet(() -> RunRecord.fresh("")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void writeProgram(String script) throws IOException {
        replace(program(), script, false);
    }

    /** Makes a file with mode 0600, whole or not at all, or replaces it. */
    private static void replace(Path file, String text, boolean synced) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(aside);
        try (DiskFile opened = Disk.system().open(aside, Disk.Access.CREATE)) {
            opened.writeFully(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            if (synced) {
                opened.sync();
            }
        }
        Disk.system().rename(aside, file);
    }

    /** Gives another user of the system what its program has to use. */
    void giveTo(String user, Collection<String> pipes) throws IOException {
        UserPrincipal owner =
                path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
        Files.setOwner(work(), owner);
        Files.setOwner(program(), owner);
        for (String pipe : pipes) {
            Files.setOwner(Path.of(pipe), owner);
        }
    }

    /** Removes what only a program that runs needs. */
    void removeWork() throws IOException {
        RunFolders.remove(pipes());
        RunFolders.remove(work());
        Files.deleteIfExists(logPipe());
        Files.deleteIfExists(program());
    }

    /** Removes everything. */
    void remove() throws IOException {
        RunFolders.remove(path);
    }
}
