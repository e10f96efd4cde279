package dev.forebay.base;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The device or the quota is full. What was being written is not there; the same call may succeed
 * once space is freed.
 */
public class NoSpaceException extends IOException {
    /**
     * There was no room for {@code path}.
     *
     * @param path what was written, or the directory of its name
     * @param cause what told of it, or null
     */
    public NoSpaceException(Path path, @Nullable Throwable cause) {
        super("no space left on the device of " + path + "; free some and try again", cause);
    }
}
