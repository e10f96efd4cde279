package dev.forebay.client;

import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.wire.Times;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The buffers, codespecs and runs of one server.
 *
 * <pre>{@code
 * ForebayClient client = new ForebayClient(URI.create("http://127.0.0.1:7720"));
 * String id = client.create(Map.of("device", "scanner-7")).id();
 * try (HttpContainer container = client.buffer(id).container(Permission.WRITE)) {
 *     new BufferWriter(container, WriteOptions.defaults()).write(input);
 * }
 * }</pre>
 *
 * <p><b>Guarantee.</b> A refusal, a server that is not there and one that is something else throw a
 * {@link ControlPlaneException} with the server's words or the next step.
 *
 * <p><b>Limit.</b> Nothing is tried again; {@link ControlPlaneException#mayRetry} says whether that
 * may help.
 *
 * <p>Safe for use by many threads. Each call blocks, at most 10 s for the connection and 60 s for
 * the answer unless told otherwise.
 */
public final class ForebayClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int LARGEST_PAGE = 2000;

    private final ControlPlane plane;

    /**
     * A client of the server at {@code server}, which is {@code http} or {@code https}.
     *
     * @param server its URL, without a path
     */
    public ForebayClient(URI server) {
        this(server, TlsTrust.ofJava());
    }

    /**
     * The same, trusting other certificates than Java does, also for the blobs.
     *
     * @param server its URL, without a path
     * @param trust whom {@code https} trusts
     */
    public ForebayClient(URI server, TlsTrust trust) {
        this.plane = new ControlPlane(server, trust, CONNECT, ANSWER);
    }

    /**
     * The same, with limits of its own, each of 1 ms to 24 days.
     *
     * @param server its URL, without a path
     * @param connect the longest time for a connection
     * @param answer the longest time without a byte of an answer
     */
    public ForebayClient(URI server, Duration connect, Duration answer) {
        this(server, TlsTrust.ofJava(), connect, answer);
    }

    /**
     * The same, trusting other certificates than Java does.
     *
     * @param server its URL, without a path
     * @param trust whom {@code https} trusts
     * @param connect the longest time for a connection, 1 ms to 24 days
     * @param answer the longest time without a byte of an answer, 1 ms to 24 days
     */
    public ForebayClient(URI server, TlsTrust trust, Duration connect, Duration answer) {
        this.plane = new ControlPlane(server, trust, connect, answer);
    }

    private ForebayClient(ControlPlane plane) {
        this.plane = plane;
    }

    /**
     * The same, which tells of each request with its status; bodies and headers are left out.
     *
     * @param tracer takes a line of each request, on its thread
     * @return another client of the server
     */
    public ForebayClient tracing(Consumer<String> tracer) {
        return new ForebayClient(plane.tracing(tracer));
    }

    /**
     * The same, through a proxy, also for the blobs; without this there is none.
     *
     * @param proxy what stands before the server
     * @return another client of the server
     */
    public ForebayClient through(HttpProxy proxy) {
        return new ForebayClient(plane.through(proxy));
    }

    /**
     * A connection that is not opened yet, for what this client has no method for: it goes the same
     * way and trusts the same certificates.
     *
     * @param method of HTTP
     * @param path on the server, with a slash in front and the query
     * @return the connection, whose times may be changed
     * @throws IOException if the path is none
     */
    public HttpURLConnection connection(String method, String path) throws IOException {
        return plane.bare(method, path);
    }

    /**
     * What to say if such a connection has no answer.
     *
     * @param e what Java said
     * @return the same with the server, or the proxy on the way, and the next step
     */
    public ControlPlaneException noAnswer(IOException e) {
        return plane.noAnswer(e);
    }

    /**
     * Makes ready, without connecting, what the first call of a process needs. Only saves time: a
     * program that has other things to do first calls this on another thread meanwhile.
     */
    public static void prepare() {
        ControlPlane.prepare();
    }

    /**
     * What the server says of itself.
     *
     * @return the members of its answer
     */
    public Map<String, Object> metadata() {
        return plane.object("GET", "/metadata", null, Map.of());
    }

    /**
     * Where the server keeps the data of buffers, as it says it.
     *
     * @return the members of each
     */
    public List<Map<String, Object>> storageAccounts() {
        return plane.array("/buffers/storage-accounts");
    }

    /**
     * Creates a buffer with these tags.
     *
     * @param tags letters, digits and {@code _ . -}
     * @return what came into being
     */
    public BufferInfo create(Map<String, String> tags) {
        return create(NewBuffer.withTags(tags));
    }

    /**
     * Creates a buffer.
     *
     * @param buffer its tags, end and location
     * @return what came into being
     */
    public BufferInfo create(NewBuffer buffer) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("tags", buffer.tags());
        if (buffer.location() != null) {
            body.put("location", buffer.location());
        }
        if (buffer.expiresAt() != null) {
            body.put("expiresAt", Times.format(buffer.expiresAt()));
        }
        return new BufferInfo(plane.object("POST", "/buffers", body, Map.of()));
    }

    /**
     * {@return the buffer of that ID; nothing is asked yet}
     *
     * @param id 26 characters
     * @throws IllegalArgumentException if it is no ID
     */
    public RemoteBuffer buffer(String id) {
        return new RemoteBuffer(plane, id);
    }

    /**
     * An ephemeral buffer of a run; nothing is asked yet.
     *
     * @param id as the run names it
     * @return the buffer
     */
    public RemoteRelay relay(String id) {
        return new RemoteRelay(plane, id);
    }

    /** {@return the runs of the server; nothing is asked yet} */
    public RemoteRuns runs() {
        return new RemoteRuns(plane);
    }

    /** {@return the codespecs of the server; nothing is asked yet} */
    public RemoteCodespecs codespecs() {
        return new RemoteCodespecs(plane);
    }

    /**
     * The newest buffers, at most {@code limit}, newest first.
     *
     * @param filter which
     * @param limit 0 or more
     * @return a list of the caller's own
     */
    public List<BufferInfo> list(BufferFilter filter, int limit) {
        List<BufferInfo> found = new ArrayList<>();
        String next =
                "/buffers?limit=%d%s%s"
                        .formatted(
                                Math.min(limit, LARGEST_PAGE),
                                filter.softDeleted() ? "&softDeleted=true" : "",
                                filter.parameters());
        while (!next.isEmpty()) {
            ControlPlane.Page page = plane.page(next);
            for (Map<String, Object> each : page.items()) {
                if (found.size() < limit) {
                    found.add(new BufferInfo(each));
                }
            }
            next = found.size() < limit ? page.next() : "";
        }
        return found;
    }

    /**
     * How many buffers there are.
     *
     * @param filter which
     * @return their number
     */
    public long count(BufferFilter filter) {
        return plane.number(
                "GET", "/buffers/count?softDeleted=" + filter.softDeleted() + filter.parameters());
    }

    /**
     * Deletes them softly, and returns their number.
     *
     * @param filter which
     * @return how many were deleted
     */
    public long deleteAll(BufferFilter filter) {
        return plane.number("DELETE", "/buffers" + query(filter, ""));
    }

    /**
     * Brings deleted ones back, and returns their number.
     *
     * @param filter which
     * @return how many were restored
     */
    public long restoreAll(BufferFilter filter) {
        return plane.number("POST", "/buffers/restore" + query(filter, ""));
    }

    /**
     * Removes deleted ones and their data for good, and returns their number.
     *
     * @param filter which
     * @return how many were removed
     */
    public long purgeAll(BufferFilter filter) {
        return plane.number("DELETE", "/buffers" + query(filter, "&ttl=0&softDeleted=true"));
    }

    private static String query(BufferFilter filter, String more) {
        return (filter.parameters() + more).replaceFirst("&", "?");
    }
}
