package dev.forebay.base;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Another process, or another object in this process, holds the lock; the message names its process
 * id.
 */
public class LockedException extends IOException {
    private final long pid;

    public LockedException(Path path, long pid) {
        super(
                path
                        + " is in use by "
                        + (pid > 0 ? "process " + pid : "another process")
                        + "; stop it first, or choose another directory");
        this.pid = pid;
    }

    /** The owner's process id, or 0 when it could not be read. */
    public long pid() {
        return pid;
    }
}
