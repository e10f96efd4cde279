package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Clock;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.client.Permission;
import dev.forebay.client.RemoteBuffer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a user names a buffer by: an access URL, which needs no login and is not renewed; an ID,
 * whose access is asked for and renewed; or a file of less than 2048 bytes that holds one of them:
 * a URL in it is read again when it is refused.
 *
 * @param url to begin with; it names the host
 * @param source gives the same URL first, and others later
 */
record Reference(AccessUrl url, AccessUrlSource source) {
    /** Where the buffer is; not for a message, for it holds the secret. */
    URI place() {
        return URI.create(url.secret());
    }

    /**
     * Finds the buffer; an unknown ID fails here. Blocks while the server restarts.
     *
     * @param ttl how long each URL asked for shall live, or null for what the server gives
     */
    static Reference resolve(
            String text, Permission permission, @Nullable Duration ttl, Session session)
            throws IOException, InterruptedException {
        if (text.contains("://")) {
            refuseTtl(text, ttl);
            AccessUrl url = new AccessUrl(text);
            return new Reference(url, AccessUrlSource.fixed(url));
        }
        Path file = FileNames.path(text);
        if (Files.isRegularFile(file) && Files.size(file) < AccessUrlSource.LARGEST_FILE) {
            String held = held(file);
            if (RemoteBuffer.isId(held)) {
                return ofId(held, permission, ttl, session);
            }
            refuseTtl(text, ttl);
            AccessUrlSource source = AccessUrlSource.file(file, Clock.system(), session::warn);
            return new Reference(source.first(), source);
        }
        if (!RemoteBuffer.isId(text)) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' is neither a buffer ID, nor an access URL, nor a file of less than"
                            + " "
                            + AccessUrlSource.LARGEST_FILE
                            + " bytes that holds one of them");
        }
        return ofId(text, permission, ttl, session);
    }

    private static Reference ofId(
            String id, Permission permission, @Nullable Duration ttl, Session session)
            throws IOException, InterruptedException {
        RemoteBuffer buffer = session.client().buffer(id);
        AccessUrl first =
                ServerRestart.of(session::warn).rideOver(() -> access(buffer, permission, ttl));
        return new Reference(first, buffer.renewing(first, permission, ttl));
    }

    /** The text of a file without what editors and shells put around it. */
    private static String held(Path file) throws IOException {
        String text = new String(Files.readAllBytes(file), UTF_8).replace("\uFEFF", "").strip();
        if (text.isEmpty()) {
            throw new IOException(file + " is empty; expected a buffer ID or an access URL in it");
        }
        return text;
    }

    private static void refuseTtl(String text, @Nullable Duration ttl) {
        if (ttl != null) {
            throw new IllegalArgumentException(
                    "--access-ttl goes with an ID; the lifetime of the URL in '"
                            + (text.contains("://") ? new AccessUrl(text) : text)
                            + "' is fixed");
        }
    }

    /** A URL from the control plane. */
    static AccessUrl access(RemoteBuffer buffer, Permission permission, @Nullable Duration ttl)
            throws IOException {
        return RefusalHints.on(
                buffer.id(),
                "ask again",
                () -> ttl == null ? buffer.access(permission) : buffer.access(permission, ttl));
    }
}
