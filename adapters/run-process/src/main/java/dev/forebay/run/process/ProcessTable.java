package dev.forebay.run.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the system says of its processes, read from {@code /proc}. A process is named by its number
 * and its start time, as numbers are given again.
 */
final class ProcessTable {
    private static final Path PROC = Path.of("/proc");

    /** Fields of {@code /proc/PID/stat} behind the name in parentheses, counted from 0. */
    private static final int STATE = 0;

    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int START = 19;

    /**
     * A process.
     *
     * @param start in ticks since the system started
     */
    record Id(long pid, long start) {}

    /** A process, its parent's number and that of its session. */
    record Entry(Id id, long parent, long session) {}

    private ProcessTable() {}

    /** A text that no two starts of the system have in common. */
    static String boot() throws IOException {
        return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    }

    /** All processes that have not ended, those of other users included. */
    static List<Entry> all() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path name : names) {
                find(Long.parseLong(name.getFileName().toString())).ifPresent(entries::add);
            }
        }
        return entries;
    }

    /** The process with this number, unless it has ended. */
    static Optional<Entry> find(long pid) throws IOException {
        String stat;
        try {
            stat = read(pid, "stat");
        } catch (IOException e) {
            if (isEnd(e)) {
                return Optional.empty();
            }
            throw e;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        if (fields[STATE].equals("Z") || fields[STATE].equals("X")) {
            return Optional.empty();
        }
        return Optional.of(
                new Entry(
                        new Id(pid, Long.parseLong(fields[START])),
                        Long.parseLong(fields[PARENT]),
                        Long.parseLong(fields[SESSION])));
    }

    /** Whether the environment with which the process started has this variable. */
    static boolean hasVariable(long pid, String variable) throws IOException {
        try {
            return ("\0" + read(pid, "environ")).contains("\0" + variable + "\0");
        } catch (AccessDeniedException e) {
            // Another user's, or one that hides its memory: known by its parent alone.
            return false;
        } catch (IOException e) {
            if (isEnd(e)) {
                return false;
            }
            throw e;
        }
    }

    private static String read(long pid, String file) throws IOException {
        byte[] bytes = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve(file));
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Whether a file of a process could not be read because the process has ended. */
    private static boolean isEnd(IOException reason) {
        return reason instanceof NoSuchFileException
                || String.valueOf(reason.getMessage()).contains("No such process");
    }
}
