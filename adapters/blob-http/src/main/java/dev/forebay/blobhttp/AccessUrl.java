package dev.forebay.blobhttp;

import dev.forebay.blob.BlobName;
import dev.forebay.wire.data.BatchBody;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A signed, expiring capability on one container: an absolute {@code http} or {@code https} URL
 * whose query is the secret. Neither messages nor {@link #toString} carry the query.
 */
public final class AccessUrl {
    private static final int LAST_PORT = 65_535;
    private static final String BATCH = "?comp=" + BatchBody.OPERATION;

    private final String text;
    private final String place;
    private final String query;
    private final Target blobs;
    private final Target batches;

    /**
     * Reads the text form.
     *
     * @param text {@code http} or {@code https}, with a path and a query
     * @throws IllegalArgumentException if it is not such a URL
     */
    public AccessUrl(String text) {
        URI uri = parsed(text);
        String scheme = uri.getScheme();
        if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
            throw new IllegalArgumentException(
                    "an access URL begins with http:// or https://, this one with "
                            + (scheme == null ? "neither" : scheme + ":"));
        }
        if (uri.getHost() == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "an access URL names a host, and neither a user nor a fragment");
        }
        if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
            throw new IllegalArgumentException(
                    "the port of an access URL is 1 to " + LAST_PORT + ", not " + uri.getPort());
        }
        this.text = text;
        this.query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String path = uri.getRawPath().replaceAll("/+$", "");
        this.place = scheme.toLowerCase(Locale.ROOT) + "://" + uri.getRawAuthority() + path;
        Place server = Place.of(uri);
        this.blobs = new Target(server, uri.getRawAuthority(), path + "/");
        this.batches =
                new Target(
                        server,
                        uri.getRawAuthority(),
                        (path.isEmpty() ? "/" : path) + BATCH + behindOthers(query));
    }

    private static String behindOthers(String query) {
        return query.replaceFirst("^.", "&");
    }

    private static URI parsed(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // The exception itself shows the text, secret included.
            throw new IllegalArgumentException(
                    "not an access URL: " + e.getReason() + " at character " + e.getIndex());
        }
    }

    /** {@return the whole URL, secret included} */
    public String secret() {
        return text;
    }

    /** Where the blob is; the query follows as it was given. */
    Target of(BlobName name) {
        return new Target(blobs.place(), blobs.authority(), blobs.path() + name + query);
    }

    /** Where several blobs go at once. */
    Target batches() {
        return batches;
    }

    /** {@code message} with the secret taken out, should it be in there. */
    String scrub(String message) {
        return query.isEmpty()
                ? message
                : message.replace(query, "?...").replace(behindOthers(query), "&...");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccessUrl url && url.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Without the query. */
    @Override
    public String toString() {
        return place;
    }
}
