package dev.forebay.cli;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.wire.Ttl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a user names a buffer by: an access URL, which needs no login and is not renewed; a file of
 * less than 2048 bytes that holds one, which is read again when it is refused; or an ID, whose
 * access is asked for and renewed.
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
        Path file = Path.of(text);
        if (Files.isRegularFile(file) && Files.size(file) < AccessUrlSource.LARGEST_FILE) {
            refuseTtl(text, ttl);
            AccessUrlSource source = AccessUrlSource.file(file);
            return new Reference(source.first(), source);
        }
        if (!text.matches("[A-Za-z0-9]{1,63}")) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' is neither a buffer ID, nor an access URL, nor a file of less than "
                            + AccessUrlSource.LARGEST_FILE
                            + " bytes that holds one");
        }
        Catalogue catalogue = new Catalogue(session.client());
        AccessUrl first = ask(catalogue, text, writeable, ttl);
        return new Reference(first, new Asking(first, () -> ask(catalogue, text, writeable, ttl)));
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
