package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Turns the names of files that a user gives into paths.
 *
 * <p><b>Guarantee.</b> A path names the file that the user named, or the name is refused: Java puts
 * U+FFFD in place of bytes that its encoding of file names cannot read, and would then open or make
 * a file of another name.
 *
 * <p><b>Limit.</b> A name that really holds U+FFFD is refused too.
 */
final class FileNames {
    private static final String UNREADABLE = "\uFFFD";

    private FileNames() {}

    /**
     * The path of that name.
     *
     * @throws IllegalArgumentException if it is no name, or Java cannot reach the file of that name
     */
    static Path path(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("'' is not the name of a file");
        }
        if (name.contains(UNREADABLE)) {
            throw new IllegalArgumentException("the file name '" + name + "' " + reason());
        }
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "'" + name + "' is not the name of a file: " + e.getReason(), e);
        }
        if (!path.isAbsolute()) {
            checkWorkingDirectory();
        }
        return path;
    }

    /** Relative names are wrong if Java does not know the name of the working directory. */
    private static void checkWorkingDirectory() {
        String directory = System.getProperty("user.dir", "");
        if (directory.contains(UNREADABLE) && !isWorkingDirectory(directory)) {
            throw new IllegalArgumentException(
                    "the name of the working directory, '" + directory + "', " + reason());
        }
    }

    private static boolean isWorkingDirectory(String directory) {
        try {
            return Files.isSameFile(Path.of(directory), Path.of("/proc/self/cwd"));
        } catch (IOException | InvalidPathException e) {
            return false; // Then there is no such directory.
        }
    }

    private static String reason() {
        String encoding = System.getProperty("sun.jnu.encoding", "");
        return encoding.equalsIgnoreCase("UTF-8")
                ? "has bytes that are not UTF-8; rename it, or use standard input and output"
                : "cannot be read, because the encoding of file names is "
                        + encoding
                        + "; set LC_ALL=C.UTF-8";
    }
}
