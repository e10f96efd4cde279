package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Clock;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.wire.Ttl;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a user names a buffer by: an access URL, which needs no login and is not renewed; an ID,
 * whose access is asked for and renewed; or a file of less than 2048 bytes that holds one of them:
 * a URL in it is read again when it is refused.
 *
 * @param url to begin with; it names the host
 * @param source gives the same URL first, and others later
 */
record Reference(AccessUrl url, AccessUrlSource source) {

    /**
     * Finds the buffer; an unknown ID fails here.
     *
     * @param ttl how long each URL asked for shall live, or null for what the server gives
     */
    static Reference resolve(
            String text, boolean writeable, @Nullable Duration ttl, Session session)
            throws IOException {
        if (text.contains("://")) {
            refuseTtl(text, ttl);
            AccessUrl url = new AccessUrl(text);
            return new Reference(url, AccessUrlSource.fixed(url));
        }
        Path file = FileNames.path(text);
        if (Files.isRegularFile(file) && Files.size(file) < AccessUrlSource.LARGEST_FILE) {
            String held = held(file);
            if (isId(held)) {
                return ofId(held, writeable, ttl, session);
            }
            refuseTtl(text, ttl);
            AccessUrlSource source = AccessUrlSource.file(file, Clock.system(), session::warn);
            return new Reference(source.first(), source);
        }
        if (!isId(text)) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' is neither a buffer ID, nor an access URL, nor a file of less than"
                            + " "
                            + AccessUrlSource.LARGEST_FILE
                            + " bytes that holds one of them");
        }
        return ofId(text, writeable, ttl, session);
    }

    private static Reference ofId(
            String id, boolean writeable, @Nullable Duration ttl, Session session)
            throws IOException {
        Catalogue catalogue = new Catalogue(session.client());
        AccessUrl first = ask(catalogue, id, writeable, ttl);
        return new Reference(first, new Asking(first, () -> ask(catalogue, id, writeable, ttl)));
    }

    private static boolean isId(String text) {
        return text.matches("[A-Za-z0-9]{1,63}");
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
    static AccessUrl ask(Catalogue catalogue, String id, boolean writeable, @Nullable Duration ttl)
            throws IOException {
        String rest =
                "/access?writeable="
                        + writeable
                        + (ttl == null ? "" : "&ttl=" + Filters.encoded(Ttl.format(ttl)));
        byte[] answer = catalogue.one("POST", id, rest, "ask again");
        return new AccessUrl(String.valueOf(Catalogue.object(answer).get("uri")));
    }

    private interface Question {
        AccessUrl ask() throws IOException;
    }

    /** The URL that is known already, and whenever it is refused, another. */
    private record Asking(AccessUrl first, Question question) implements AccessUrlSource {
        @Override
        public AccessUrl renewed(AccessUrl rejected) {
            String what = "asking for access again failed: ";
            try {
                return question.ask();
            } catch (ControlPlaneException e) {
                Fault fault = e.mayRetry() ? Fault.UNAVAILABLE : Fault.BAD_CREDENTIAL;
                throw new ContainerException(fault, what + e.getMessage(), e);
            } catch (IOException e) {
                throw new ContainerException(Fault.BAD_CREDENTIAL, what + e.getMessage(), e);
            }
        }
    }
}
