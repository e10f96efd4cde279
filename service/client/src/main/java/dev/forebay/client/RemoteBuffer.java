package dev.forebay.client;

import dev.forebay.base.Durability;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.blobhttp.HttpTimeouts;
import dev.forebay.wire.Times;
import dev.forebay.wire.Ttl;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One buffer of a server. Safe for use by many threads; each call but {@link #id} and {@link
 * #container} blocks for one request.
 */
public final class RemoteBuffer {
    /** IDs of other servers of this protocol are longer or shorter than ours. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9]{1,63}");

    private final ControlPlane plane;
    private final String id;

    RemoteBuffer(ControlPlane plane, String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException(
                    "'%s' is not a buffer ID; expected 1 to 63 letters and digits".formatted(id));
        }
        this.plane = plane;
        this.id = id;
    }

    /**
     * True if {@code text} can be the ID of a buffer.
     *
     * @param text any
     * @return true if it can
     */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** {@return its ID} */
    public String id() {
        return id;
    }

    /**
     * What the server says of it, if it is not deleted.
     *
     * @return the answer
     */
    public BufferInfo info() {
        return call("GET", "", null, Map.of());
    }

    /**
     * What the server says of it, if it is deleted and can be restored.
     *
     * @return the answer
     */
    public BufferInfo deletedInfo() {
        return call("GET", "?softDeleted=true", null, Map.of());
    }

    /**
     * Changes it.
     *
     * @param change its tags, its end, or both
     * @return the buffer after it
     */
    public BufferInfo change(BufferChange change) {
        return change(change, "");
    }

    /**
     * Changes a deleted one.
     *
     * @param change its tags, its end, or both
     * @return the buffer after it
     */
    public BufferInfo changeDeleted(BufferChange change) {
        return change(change, "?softDeleted=true");
    }

    private BufferInfo change(BufferChange change, String query) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("tags", change.tags());
        if (change.expiresAt() != null) {
            body.put("expiresAt", Times.format(change.expiresAt()));
        }
        String version = change.ifVersion();
        return call("PUT", query, body, version == null ? Map.of() : Map.of("If-Match", version));
    }

    /**
     * Deletes it softly: {@link #restore} brings it back for as long as the server is set to.
     *
     * @return the deleted buffer
     */
    public BufferInfo delete() {
        return call("DELETE", "", null, Map.of());
    }

    /**
     * Brings a deleted one back.
     *
     * @return the restored buffer
     */
    public BufferInfo restore() {
        return call("POST", "/restore", null, Map.of());
    }

    /**
     * Removes a deleted one and its data for good.
     *
     * @return the buffer as it was
     */
    public BufferInfo purge() {
        return call("DELETE", "?ttl=0&softDeleted=true", null, Map.of());
    }

    /**
     * {@return a signed URL that lives as long as the server lets it, 1 h}
     *
     * @param permission to read, or to write as well
     */
    public AccessUrl access(Permission permission) {
        return access(permission, Optional.empty());
    }

    /**
     * {@return a signed URL that lives for {@code lifetime}, which is 30 s to 1 h}
     *
     * @param permission to read, or to write as well
     * @param lifetime from now on
     */
    public AccessUrl access(Permission permission, Duration lifetime) {
        return access(permission, Optional.of(lifetime));
    }

    private AccessUrl access(Permission permission, Optional<Duration> lifetime) {
        String path =
                "%s/access?writeable=%s%s"
                        .formatted(
                                path(),
                                permission == Permission.WRITE,
                                lifetime.map(Ttl::format)
                                        .map(Query::encoded)
                                        .map(ttl -> "&ttl=" + ttl)
                                        .orElse(""));
        String url = String.valueOf(plane.object("POST", path, null, Map.of()).get("uri"));
        try {
            return new AccessUrl(url);
        } catch (IllegalArgumentException e) {
            throw plane.foreign("an access URL", String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * URLs for a transfer that takes longer than one of them lives.
     *
     * @param first what {@link #access} gave already
     * @param permission to read, or to write as well
     * @param lifetime of each later one; null: as the server lets it
     * @return a source that asks this server
     */
    public AccessUrlSource renewing(
            AccessUrl first, Permission permission, @Nullable Duration lifetime) {
        return new Renewing(first, () -> access(permission, Optional.ofNullable(lifetime)));
    }

    /**
     * The buffer's blobs, to write or to read by a {@code BufferWriter} or {@code BufferReader}.
     * Access is asked for here, and again whenever it ends. To be closed by the caller.
     *
     * @param permission to read, or to write as well
     * @return the container
     */
    public HttpContainer container(Permission permission) {
        return container(permission, Durability.SYNCED);
    }

    /**
     * The same, with what every acknowledgement must promise.
     *
     * @param permission to read, or to write as well
     * @param durability what every put asks for
     * @return the container
     */
    public HttpContainer container(Permission permission, Durability durability) {
        AccessUrlSource source = renewing(access(permission), permission, null);
        return container(source, durability);
    }

    /**
     * The same, with URLs that live for {@code lifetime}, which is 30 s to 1 h.
     *
     * @param permission to read, or to write as well
     * @param lifetime of each URL
     * @return the container
     */
    public HttpContainer container(Permission permission, Duration lifetime) {
        AccessUrlSource source = renewing(access(permission, lifetime), permission, lifetime);
        return container(source, Durability.SYNCED);
    }

    private HttpContainer container(AccessUrlSource source, Durability durability) {
        return new HttpContainer(
                source, HttpTimeouts.defaults(), durability, plane.trust(), plane.proxy());
    }

    private String path() {
        return "/buffers/" + id;
    }

    private BufferInfo call(
            String method, String rest, @Nullable Object body, Map<String, String> headers) {
        return new BufferInfo(plane.object(method, path() + rest, body, headers));
    }

    /** A URL that is known already, and another whenever one is refused. */
    private record Renewing(AccessUrl first, Supplier<AccessUrl> ask) implements AccessUrlSource {
        @Override
        public AccessUrl renewed(AccessUrl rejected) {
            try {
                return ask.get();
            } catch (ControlPlaneException e) {
                Fault fault = e.mayRetry() ? Fault.UNAVAILABLE : Fault.BAD_CREDENTIAL;
                throw new ContainerException(
                        fault, "asking for access again failed: " + e.getMessage(), e);
            }
        }
    }
}
