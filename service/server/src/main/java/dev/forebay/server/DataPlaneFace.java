package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.Printable;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.control.AccessSigner;
import dev.forebay.stream.EndMarker;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BatchBody;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Containers and blobs over HTTP, as sections 1.9 to 1.11 of the reference's protocol have them,
 * and more: a GET that waits ({@code Prefer: wait=N}), durability by name, parts of blobs, the list
 * of a container, its content as one body ({@link ContentEndpoint}), and several blobs put at once
 * ({@link BatchEndpoint}).
 *
 * <p><b>Guarantee.</b> A 201, a 200 and an "exists" are {@link Durability#SYNCED}. The body of a
 * blob is streamed, never whole on the heap, and claims its room from the memory budget. One that
 * fails after its answer has begun is cut off, with the reason in the log, and the next GET of that
 * blob is answered with the reason instead ({@link FailedBodies}). Checks come in the reference's
 * order; the front reads a refused body to its end, up to the limit, so that the client sees the
 * answer.
 */
final class DataPlaneFace implements Face {
    /** The longest that a GET is held, below every idle timeout on the way. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static final String OWN = "/containers";
    private static final String LEGACY = "/v1";
    private static final BlobName END = EndMarker.NAME;
    private static final Pattern WAIT =
            Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?([0-9]{1,9})", Pattern.CASE_INSENSITIVE);

    private final ContainerStore containers;
    private final AccessSigner signer;
    private final Clock clock;
    private final ParkedRequests parked;
    private final MemoryBudget memory;
    private final FollowingRequests following = new FollowingRequests();
    private final BlockMaps maps;
    private final ContentEndpoint content;
    private final PutEndpoint puts;
    private final BatchEndpoint batches;
    private final FailedBodies failedBodies = new FailedBodies();

    DataPlaneFace(
            ContainerStore containers,
            AccessSigner signer,
            Clock clock,
            ParkedRequests parked,
            MemoryBudget memory,
            BlockMaps maps) {
        this.containers = containers;
        this.signer = signer;
        this.clock = clock;
        this.parked = parked;
        this.memory = memory;
        this.maps = maps;
        this.content = new ContentEndpoint(following, maps, ContentEndpoint.options(clock, memory));
        this.puts = new PutEndpoint(memory, clock, maps);
        this.batches = new BatchEndpoint(memory, clock, maps);
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.signed("HEAD", "/containers/{id}", this::headContainer),
                Route.signed("GET", "/containers/{id}", this::getContainer),
                Route.signed("PUT", "/containers/{id}", this::putContainer),
                Route.signed("POST", "/containers/{id}", this::postContainer),
                Route.signed("DELETE", "/containers/{id}", this::deleteContainer),
                Route.signed("GET", "/containers/{id}/content", this::content),
                Route.signed("HEAD", "/containers/{id}/content", this::content),
                Route.signed("GET", "/containers/{id}/{blob...}", this::getBlob),
                Route.signed("HEAD", "/containers/{id}/{blob...}", this::headBlob),
                Route.signed("PUT", "/containers/{id}/{blob...}", this::putBlob),
                Route.signed("DELETE", "/containers/{id}/{blob...}", this::deleteBlob));
    }

    /** How many requests wait for a blob, or follow a buffer. */
    int followers() {
        return parked.count() + following.count();
    }

    /** How many blobs came into being by batches. */
    long batched() {
        return batches.created();
    }

    /** Access URLs are signed. */
    @Override
    public boolean guarded() {
        return true;
    }

    @Override
    public boolean owns(String path) {
        String own = path.startsWith(LEGACY + "/") ? path.substring(LEGACY.length()) : path;
        return own.startsWith(OWN + "/") || own.equals(OWN);
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return DataPlaneErrors.of(fault);
    }

    @Override
    public void close() {
        parked.release();
        following.release();
        maps.release();
    }

    private void allow(Exchange exchange, char letter) {
        DataPlaneRefusal.unlessAllowed(
                signer.verify(exchange.parameter("id"), exchange.query(), letter, clock.wall()));
    }

    private static String containerId(Exchange exchange) {
        String id = exchange.parameter("id");
        if (!ContainerStore.isValidId(id)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_CONTAINER_NAME);
        }
        return id;
    }

    private static BlobName blobName(Exchange exchange) {
        refuseOperation(exchange);
        return RequestedName.of(exchange.parameter("blob"));
    }

    /** Refuses what other stores do with blobs and this one does not, before it does another. */
    private static void refuseOperation(Exchange exchange) {
        Optional<String> operation = exchange.query("comp");
        if (operation.isPresent()) {
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.UNSUPPORTED_QUERY_PARAMETER,
                    "comp=%s is not supported; a blob is put whole, in one request of up to %s"
                            .formatted(
                                    Printable.of(operation.get()),
                                    DirectoryContainers.LARGEST_BLOB));
        }
    }

    private static DataPlaneRefusal noContainer() {
        return new DataPlaneRefusal(404, DataErrorCode.CONTAINER_NOT_FOUND);
    }

    private void headContainer(Exchange exchange) throws IOException {
        allow(exchange, 'R');
        String id = exchange.parameter("id");
        if (!ContainerStore.isValidId(id) || containers.open(id).isEmpty()) {
            throw noContainer();
        }
        exchange.send(200);
    }

    /** What there is of the container, or the list of its blobs. */
    private void getContainer(Exchange exchange) throws IOException {
        allow(exchange, 'r');
        String id = containerId(exchange);
        Container container = containers.open(id).orElseThrow(DataPlaneFace::noContainer);
        String operation = exchange.query("comp").orElse("");
        boolean ofContainer = exchange.query("restype").orElse("").equals("container");
        if (ofContainer && operation.equals("list")) {
            new ContainerListing(exchange).send(containers, id, container);
        } else if (ofContainer && operation.isEmpty()) {
            exchange.send(200);
        } else {
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.UNSUPPORTED_QUERY_PARAMETER,
                    "expected /content behind the path for the stream, or"
                            + " restype=container&comp=list for the blobs");
        }
    }

    private void content(Exchange exchange) throws IOException {
        allow(exchange, 'r');
        String id = containerId(exchange);
        content.answer(exchange, id, containers.open(id).orElseThrow(DataPlaneFace::noContainer));
    }

    private void putContainer(Exchange exchange) throws IOException {
        allow(exchange, 'C');
        containers.create(containerId(exchange));
        exchange.with(Headers.DURABILITY, Durability.SYNCED.word()).send(201);
    }

    /** Puts several blobs. */
    private void postContainer(Exchange exchange) throws IOException {
        allow(exchange, 'c');
        String id = containerId(exchange);
        String operation = exchange.query("comp").orElse("");
        if (!operation.equals(BatchBody.OPERATION)) {
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.UNSUPPORTED_QUERY_PARAMETER,
                    "expected comp=%s, for several blobs, found '%s'"
                            .formatted(BatchBody.OPERATION, Printable.of(operation)));
        }
        batches.answer(exchange, id, containers.open(id).orElseThrow(DataPlaneFace::noContainer));
    }

    private void deleteContainer(Exchange exchange) throws IOException {
        allow(exchange, 'D');
        if (!containers.setAside(containerId(exchange))) {
            throw noContainer();
        }
        // It is gone durably now. Its files may be many; the next start removes what a crash
        // leaves.
        exchange.send(200);
        containers.removeSetAside();
    }

    /** The container of a blob call, after all checks before the body, in the reference's order. */
    private Container containerFor(Exchange exchange, char letter) {
        allow(exchange, letter);
        String id = containerId(exchange);
        blobName(exchange);
        return containers.open(id).orElseThrow(DataPlaneFace::noContainer);
    }

    private void putBlob(Exchange exchange) throws IOException {
        Container container = containerFor(exchange, 'c');
        puts.answer(exchange, containerId(exchange), container);
    }

    /** No URL allows it: a blob is there once and for ever. */
    private void deleteBlob(Exchange exchange) {
        allow(exchange, 'd');
        throw new DataPlaneRefusal(403, DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH);
    }

    private void headBlob(Exchange exchange) throws IOException {
        Container container = containerFor(exchange, 'r');
        BlobInfo info =
                container
                        .head(blobName(exchange))
                        .orElseThrow(() -> new DataPlaneRefusal(404, DataErrorCode.BLOB_NOT_FOUND));
        describe(exchange, info);
        exchange.with("Content-Length", Long.toString(info.size()))
                .with(BlobHeaders.CONTENT_MD5, info.md5().base64())
                .send(200);
    }

    private void getBlob(Exchange exchange) throws IOException {
        Container container = containerFor(exchange, 'r');
        BlobName name = blobName(exchange);
        Duration wait = wished(exchange);
        Map<String, String> applied =
                wait.isPositive()
                        ? Map.of(Headers.PREFERENCE_APPLIED, "wait=" + wait.toSeconds())
                        : Map.of();
        long asked = clock.nanos();
        Lookup lookup =
                wait.isPositive()
                        ? parked.park(exchange, () -> container.get(name, Wait.upTo(wait, END)))
                        : container.get(name, Wait.NONE);
        switch (lookup) {
            case Lookup.Absent _ ->
                    throw new DataPlaneRefusal(404, DataErrorCode.BLOB_NOT_FOUND, applied);
            case Lookup.Found(OpenBlob blob) -> {
                try (blob;
                        BudgetClaim _ =
                                BudgetClaim.of(
                                        memory,
                                        "the answer to a GET",
                                        BudgetClaim.ROOM_OF_BODY,
                                        clock)) {
                    String id = containerId(exchange);
                    if (failedBodies.contains(id, name)) {
                        readToItsEnd(container, name);
                        failedBodies.remove(id, name);
                    }
                    applied.forEach(exchange::with);
                    if (wait.isPositive()) {
                        long held = TimeUnit.NANOSECONDS.toMillis(clock.nanos() - asked);
                        exchange.with(Headers.HELD, Long.toString(held));
                    }
                    try {
                        answer(exchange, blob);
                    } catch (ContainerException e) {
                        failedBodies.add(id, name);
                        throw e;
                    }
                }
            }
        }
    }

    /** Reads a body that failed before, so that a fault comes before the answer. */
    private static void readToItsEnd(Container container, BlobName name) {
        if (container.get(name, Wait.NONE) instanceof Lookup.Found(OpenBlob again)) {
            try (again) {
                again.transferTo(new NullChannel());
            }
        }
    }

    /** Takes bytes and forgets them. */
    private static final class NullChannel implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            source.position(source.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Sends the blob, or the part of it that is asked for. */
    private static void answer(Exchange exchange, OpenBlob blob) throws IOException {
        BlobInfo info = blob.info();
        describe(exchange, info);
        switch (RequestedPart.of(exchange, StoredBytes.etag(info), info.modified(), info.size())) {
            case RequestedPart.Known _ -> exchange.send(304);
            case RequestedPart.Other _ ->
                    throw new DataPlaneRefusal(412, DataErrorCode.CONDITION_NOT_MET);
            case RequestedPart.Beyond _ -> StoredBytes.refuse(exchange, info.size());
            case RequestedPart.Part part -> {
                exchange.with(BlobHeaders.BLOB_CONTENT_MD5, info.md5().base64());
                StoredBytes.describe(exchange, part, info.size());
                send(
                        exchange,
                        part.count(),
                        body -> blob.readInto(part.from(), part.count(), body));
            }
            case RequestedPart.Whole _ -> {
                exchange.with(BlobHeaders.CONTENT_MD5, info.md5().base64())
                        .with("Content-Length", Long.toString(info.size()))
                        .setStatus(200);
                send(exchange, info.size(), blob::readInto);
            }
        }
    }

    /** Sends a body; an {@link IOException} if the client leaves meanwhile. */
    private static void send(Exchange exchange, long size, Consumer<AnswerBody> read)
            throws IOException {
        try (AnswerBody body = new AnswerBody(exchange, size)) {
            read.accept(body);
            body.finish();
        } catch (UncheckedIOException e) {
            throw new IOException("the client left in mid-body", e.getCause());
        }
    }

    private static Duration wished(Exchange exchange) {
        String prefer = exchange.header(Headers.PREFER);
        Matcher m = WAIT.matcher(prefer == null ? "" : prefer);
        if (!m.find()) {
            return Duration.ZERO;
        }
        Duration wished = Duration.ofSeconds(Long.parseLong(m.group(1)));
        return wished.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wished;
    }

    /** Sets what a whole blob and a part of it have in common. */
    private static void describe(Exchange exchange, BlobInfo info) {
        StoredBytes.guard(exchange)
                .with(BlobHeaders.BLOB_TYPE, BlobHeaders.BLOCK_BLOB)
                .with(Headers.DURABILITY, Durability.SYNCED.word());
        StoredBytes.name(exchange, StoredBytes.etag(info), info.modified());
        info.metadata()
                .forEach((key, value) -> exchange.with(BlobHeaders.METADATA_PREFIX + key, value));
    }
}
