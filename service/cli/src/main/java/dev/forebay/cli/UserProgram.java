package dev.forebay.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the program that a user names, as a shell does. */
final class UserProgram {
    private UserProgram() {}

    /**
     * The file of the program.
     *
     * @throws CommandNotStartedException if there is none, or none that may be executed
     */
    static Path find(String name, Shell shell) throws CommandNotStartedException {
        @Nullable Path refused = null;
        for (Path file : candidates(name, shell)) {
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                return file;
            }
            if (refused == null && Files.exists(file)) {
                refused = file;
            }
        }
        if (refused != null) {
            throw new CommandNotStartedException(
                    CommandNotStartedException.NOT_EXECUTABLE,
                    "the command '%s' is not a program that may be executed: '%s'; the buffer is untouched"
                            .formatted(name, refused),
                    null);
        }
        throw new CommandNotStartedException(
                CommandNotStartedException.NOT_FOUND,
                "the command '%s' was not found; name one on the PATH or give its path; the buffer is untouched"
                        .formatted(name),
                null);
    }

    private static List<Path> candidates(String name, Shell shell) {
        if (name.contains("/")) {
            return List.of(FileNames.path(name).toAbsolutePath());
        }
        String path = shell.variable("PATH");
        if (path == null || name.isEmpty()) {
            return List.of();
        }
        // An empty entry is the working directory.
        return List.of(path.split(File.pathSeparator, -1)).stream()
                .map(folder -> Path.of(folder).resolve(name).toAbsolutePath())
                .toList();
    }
}
