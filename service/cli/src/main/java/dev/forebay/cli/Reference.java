package dev.forebay.cli;

import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.client.ControlClient;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a user names a buffer by: an access URL, which needs no login and is not renewed; a file of
 * less than 2048 bytes that holds one, which is read again when it is refused; or an ID, whose
 * access is asked for and renewed.
 */
final class Reference {
    private static final long LONGEST_FILE = 2048;

    private Reference() {}

    static AccessUrlSource resolve(String text, boolean writeable, Session session)
            throws IOException {
        if (text.contains("://")) {
            return AccessUrlSource.fixed(new AccessUrl(text));
        }
        Path file = Path.of(text);
        if (Files.isRegularFile(file) && Files.size(file) < LONGEST_FILE) {
            return AccessUrlSource.file(file);
        }
        ControlClient client = session.client();
        // Asked for now, so that an unknown ID fails at once.
        AccessUrl first = ask(client, text, writeable);
        boolean[] given = new boolean[1];
        return AccessUrlSource.asking(() -> {
            if (!given[0]) {
                given[0] = true;
                return first;
            }
            return ask(client, text, writeable);
        });
    }

    static AccessUrl ask(ControlClient client, String id, boolean writeable) {
        String path = "/buffers/" + checkedId(id) + "/access?writeable=" + writeable;
        return new AccessUrl(
                String.valueOf(
                        Json.read(client.call("POST", path, null, Map.of()), Map.class)
                                .get("uri")));
    }

    /** An ID as it may stand in a path. */
    static String checkedId(String id) {
        if (!id.matches("[A-Za-z0-9]{1,63}")) {
            throw new IllegalArgumentException(
                    "'"
                            + id
                            + "' is neither a buffer ID, nor an access URL, nor a file that holds one");
        }
        return id;
    }
}
