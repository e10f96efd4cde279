package dev.forebay.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A command of the user was not started, so nothing was done. */
final class CommandNotStartedException extends IOException {
    private static final long serialVersionUID = 1;

    /** The exit codes that shells have for this. */
    static final int NOT_FOUND = 127;

    static final int NOT_EXECUTABLE = 126;

    private final int exitCode;

    CommandNotStartedException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
