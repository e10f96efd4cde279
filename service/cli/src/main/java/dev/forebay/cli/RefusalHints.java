package dev.forebay.cli;

import dev.forebay.client.ControlPlaneException;
import java.io.IOException;
import java.util.function.Supplier;

/** Adds the next step, in words of the command line, to a refusal that concerns one buffer. */
final class RefusalHints {
    private RefusalHints() {}

    /**
     * What {@code call} returns.
     *
     * @param whenWrongState what to do if the buffer is not in the state that the call needs
     */
    static <T> T on(String id, String whenWrongState, Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (ControlPlaneException e) {
            if (e.isNotFound()) {
                throw new IOException(
                        ("the buffer '%s' was not found; 'forebay buffer list' shows those there"
                                        + " are, with --soft-deleted the deleted ones")
                                .formatted(id),
                        e);
            }
            if (e.isWrongState()) {
                throw new IOException(e.getMessage() + "; " + whenWrongState, e);
            }
            throw e;
        }
    }
}
