package dev.forebay.base;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Another process, or another object in this process, holds the lock; the message names its process
 * id.
 */
public class LockedException extends IOException {
    /** 0 if it could not be read. */
    private final long pid;

    /**
     * Another owner has the lock.
     *
     * @param path the lock file
     * @param pid the owner's process id, or 0 if it could not be read
     */
    public LockedException(Path path, long pid) {
        super(
                path
                        + " is in use by "
                        + (pid > 0 ? "process " + pid : "another process")
                        + "; stop it first, or choose another directory");
        this.pid = pid;
    }

    /** {@return the owner's process id, or 0 when it could not be read} */
    public long pid() {
        return pid;
    }
}
