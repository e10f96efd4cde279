package dev.forebay.run.process;

import dev.forebay.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Collection;
import java.util.Optional;

/**
 * What this executor has in the folder of a run.
 *
 * <pre>
 *  RUN/record        mark and supervisor, written before the program starts
 *  RUN/program.sh    what is executed, mode 0600
 *  RUN/log.pipe      standard output and standard error
 *  RUN/work/         where the program runs, removed with its end
 * </pre>
 *
 * <p>Blocks. For use by the thread that has the run.
 */
record RunDirectory(RunFolder folder) {
    private static final String RECORD = "record";
    private static final String PROGRAM = "program.sh";

    Path program() {
        return folder.file(PROGRAM);
    }

    Path work() {
        return folder.file("work");
    }

    Path logPipe() {
        return folder.file("log.pipe");
    }

    /** Makes the directories; {@code passable} by other users if programs run as one. */
    void create(boolean passable) throws IOException {
        String mode = passable ? "rwx--x--x" : "rwx------";
        folder.create(mode, mode);
        RunFolder.make(work(), mode);
    }

    /**
     * Writes the first record, which says that a program may run; it survives a power cut when this
     * returns.
     */
    void begin(RunRecord record) throws IOException {
        folder.writeSynced(RECORD, record.text());
    }

    /** Replaces the record. */
    void write(RunRecord record) throws IOException {
        folder.write(RECORD, record.text());
    }

    /**
     * The record, if a program may have been started. One that a power cut made unreadable is taken
     * for one of processes that are gone.
     */
    Optional<RunRecord> readRecord() throws IOException {
        try {
            String text = Files.readString(folder.file(RECORD));
            return Optional.of(RunRecord.parse(text).orElseGet(() -> RunRecord.fresh("")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void writeProgram(String script) throws IOException {
        folder.write(PROGRAM, script);
    }

    /** Gives another user of the system what its program has to use. */
    void giveTo(String user, Collection<String> pipes) throws IOException {
        UserPrincipal owner =
                folder.path()
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(user);
        Files.setOwner(work(), owner);
        Files.setOwner(program(), owner);
        for (String pipe : pipes) {
            Files.setOwner(Path.of(pipe), owner);
        }
    }

    /** Removes what only a program that runs needs. */
    void removeWork() throws IOException {
        folder.removePipes();
        RunFolder.removeAll(work());
        Files.deleteIfExists(logPipe());
        Files.deleteIfExists(program());
    }
}
