package dev.forebay.cli;

import dev.forebay.client.ControlPlaneException;
import java.io.IOException;
import java.util.function.Supplier;

/** Adds the next step, in words of the command line, to a refusal that concerns one codespec. */
final class CodespecHints {
    private CodespecHints() {}

    /** What {@code call} returns. */
    static <T> T on(String codespec, Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (ControlPlaneException e) {
            if (e.isNotFound()) {
                throw new IOException(
                        "the codespec '%s' was not found; 'forebay codespec list' shows those there are, with their latest versions"
                                .formatted(codespec),
                        e);
            }
            if (e.isWrongState()) {
                throw new IOException(
                        e.getMessage()
                                + "; 'forebay codespec set NAME' prints the tags and their current eTag",
                        e);
            }
            throw e;
        }
    }
}
