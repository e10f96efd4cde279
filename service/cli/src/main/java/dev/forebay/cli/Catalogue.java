package dev.forebay.cli;

import dev.forebay.client.ControlClient;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server's buffers; a refusal that concerns one names it and the next step. */
final class Catalogue {
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final ControlClient client;

    Catalogue(ControlClient client) {
        this.client = client;
    }

    /** A call on {@code /buffers} as a whole. */
    byte[] all(String method, String rest, @Nullable Object body) {
        return client.call(method, "/buffers" + rest, body, Map.of());
    }

    /** A call that answers with a bare number. */
    long number(String method, String rest) {
        return Long.parseLong(new String(all(method, rest, null), StandardCharsets.UTF_8).strip());
    }

    /** A call without a body on one buffer. */
    byte[] one(String method, String id, String rest, String whenRefused) throws IOException {
        return one(method, id, rest, null, Map.of(), whenRefused);
    }

    /**
     * A call on one buffer.
     *
     * @param rest what follows the ID in the path
     * @param whenRefused what to do if the buffer is not in the state for it
     */
    byte[] one(
            String method,
            String id,
            String rest,
            @Nullable Object body,
            Map<String, String> headers,
            String whenRefused)
            throws IOException {
        try {
            return client.call(method, "/buffers/" + checkedId(id) + rest, body, headers);
        } catch (ControlPlaneException e) {
            if (e.status() == NOT_FOUND) {
                throw new IOException(
                        "the buffer '"
                                + id
                                + "' was not found; 'forebay buffer list' shows those there are, with --soft-deleted the deleted ones",
                        e);
            }
            if (e.status() == PRECONDITION_FAILED) {
                throw new IOException(e.getMessage() + "; " + whenRefused, e);
            }
            throw e;
        }
    }

    /** An answer as an object of JSON. */
    static Map<?, ?> object(byte[] answer) {
        return PlainJson.readObject(answer);
    }

    /** An ID as it may stand in a path. */
    static String checkedId(String id) {
        if (!id.matches("[A-Za-z0-9]{1,63}")) {
            throw new IllegalArgumentException(
                    "'"
                            + id
                            + "' is not a buffer ID; expected letters and digits, as 'forebay buffer create' prints them");
        }
        return id;
    }
}
