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
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
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
import org.jspecify.annotations.Nullable;

/**
 * Containers and blobs over HTTP, as sections 1.9 to 1.11 of the reference's protocol have them,
 * and more: a GET that waits ({@code Prefer: wait=N}), durability by name, parts of blobs, the list
 * of a container, and its content as one body ({@link ContentEndpoint}).
 *
 * <p><b>Guarantee.</b> A 201, a 200 and an "exists" are {@link Durability#SYNCED}. A body is
 * streamed, never whole on the heap, and claims its room from the memory budget. A body that fails
 * after its answer has begun is cut off, with the reason in the log, and the next GET of that blob
 * is answered with the reason instead ({@link FailedBodies}). Checks come in the reference's order;
 * the front reads a refused body to its end, up to the limit, so that the client sees the answer.
 */
final class DataPlaneFace implements Face {
    /** The largest blob, in bytes: the largest block that a writer may choose. */
    static final long LARGEST_BLOB = DirectoryContainers.LARGEST_BLOB.bytes();

    /** The longest that a GET is held, below every idle timeout on the way. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** As in other stores, and well below the longest path of a file. */
    private static final int LONGEST_NAME = 1024;

    /** Beyond what a file may be called, with what the container adds to it. */
    private static final int LONG_SEGMENT = 255;

    /** Claimed for a body while it moves: what the HTTP library and the channel hold of it. */
    private static final int ROOM_OF_BODY = AnswerBody.GATHERED;

    /** Bytes of a body that wait for their digest; a block of the usual size does whole. */
    private static final int MOST_LENT = 4 << 20;

    /** They may begin and end within a buffer of the connection. */
    private static final int ROOM_OF_LENT = MOST_LENT + 2 * Exchange.LARGE_PIECE;

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
        return blobName(exchange.parameter("blob"));
    }

    /** The name of a blob that is to come into being. */
    static BlobName newBlobName(String name) {
        if (name.equals(ContentEndpoint.NAME)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_BLOB_NAME);
        }
        return blobName(name);
    }

    private static BlobName blobName(String name) {
        boolean fits = name.length() <= LONGEST_NAME && !hasLongSegment(name);
        if (!fits || !BlobName.isValid(name)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_BLOB_NAME);
        }
        return new BlobName(name);
    }

    private static boolean hasLongSegment(String name) {
        int begin = 0;
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', begin)) {
            if (slash - begin >= LONG_SEGMENT) {
                return true;
            }
            begin = slash + 1;
        }
        return name.length() - begin >= LONG_SEGMENT;
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
        if (!exchange.query("comp").orElse("").equals(BatchBody.OPERATION)) {
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.UNSUPPORTED_QUERY_PARAMETER,
                    "expected comp=%s for several blobs".formatted(BatchBody.OPERATION));
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
        if (exchange.contentLength() > LARGEST_BLOB) {
            throw Refusal.tooLarge(LARGEST_BLOB);
        }
        refuseKind(exchange);
        BlobName name = newBlobName(exchange.parameter("blob"));
        refuseDurability(exchange);
        try (BudgetClaim claim = BudgetClaim.of(memory, "the body of a PUT", ROOM_OF_BODY, clock);
                StagedBlob staged = container.stage(name);
                LentChunks chunks = new LentChunks(staged, mostLent(exchange, claim))) {
            if (chunks.mayKeep()) {
                exchange.readLargeChunks(LARGEST_BLOB, chunks::add);
            } else {
                exchange.readChunks(LARGEST_BLOB, chunks::add);
            }
            String announced = announcedDigest(exchange);
            Optional<Md5> expected = parse(announced);
            if (announced != null && expected.isEmpty()) {
                // The reference compares texts, so a text that is no digest differs from each.
                throw new DataPlaneRefusal(400, DataErrorCode.MD5_MISMATCH);
            }
            PutResult result =
                    staged.commit(
                            expected.orElse(null),
                            exchange.headersBelow(BlobHeaders.METADATA_PREFIX));
            switch (result) {
                case PutResult.Created(BlobInfo info, Durability durability) -> {
                    StoredBytes.name(exchange, etag(info), info.modified());
                    BatchEndpoint.announce(exchange, container)
                            .with(Headers.DURABILITY, durability.word())
                            .with(BlobHeaders.CONTENT_MD5, info.md5().base64())
                            .send(201);
                    if (info.name().equals(END)) {
                        maps.ended(exchange.parameter("id"));
                    }
                }
                case PutResult.Exists(Durability durability) ->
                        throw new DataPlaneRefusal(
                                403,
                                DataErrorCode.UNAUTHORIZED_BLOB_OVERWRITE,
                                Map.of(Headers.DURABILITY, durability.word()));
                case PutResult.DigestMismatch _ ->
                        throw new DataPlaneRefusal(400, DataErrorCode.MD5_MISMATCH);
            }
        }
    }

    private static void refuseKind(Exchange exchange) {
        if (exchange.header(BlobHeaders.COPY_SOURCE) != null) {
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.UNSUPPORTED_HEADER,
                    "%s is not supported; send the bytes".formatted(BlobHeaders.COPY_SOURCE));
        }
        String type = exchange.header(BlobHeaders.BLOB_TYPE);
        if (type != null && !type.equalsIgnoreCase(BlobHeaders.BLOCK_BLOB)) {
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.INVALID_HEADER_VALUE,
                    "%s: expected %s".formatted(BlobHeaders.BLOB_TYPE, BlobHeaders.BLOCK_BLOB));
        }
    }

    /** The digest of the body, by the reference's header or that of other stores. */
    private static @Nullable String announcedDigest(Exchange exchange) {
        String announced = exchange.distinct(BlobHeaders.CONTENT_MD5);
        return announced != null ? announced : exchange.distinct(BlobHeaders.BLOB_CONTENT_MD5);
    }

    /** No URL allows it: a blob is there once and for ever. */
    private void deleteBlob(Exchange exchange) {
        allow(exchange, 'd');
        throw new DataPlaneRefusal(403, DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH);
    }

    /** Nothing is kept where memory is short. */
    private static int mostLent(Exchange exchange, BudgetClaim claim) {
        boolean large = exchange.contentLength() > ROOM_OF_BODY;
        return large && exchange.mayRetainChunks() && claim.grow(ROOM_OF_LENT) ? MOST_LENT : 0;
    }

    /** Refuses a demand that names no durability; each that there is will be met. */
    static void refuseDurability(Exchange exchange) {
        String demanded = exchange.header(Headers.DURABILITY);
        try {
            if (demanded != null) {
                Durability _ = Durability.parse(demanded);
            }
        } catch (IllegalArgumentException e) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_HEADER_VALUE);
        }
    }

    private static Optional<Md5> parse(@Nullable String base64) {
        try {
            return Optional.ofNullable(base64).map(Md5::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // The caller answers with a 400.
        }
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
                                        memory, "the answer to a GET", ROOM_OF_BODY, clock)) {
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
        switch (RequestedPart.of(exchange, etag(info), info.modified(), info.size())) {
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

    private static String etag(BlobInfo info) {
        return "\"" + info.md5().base64() + "\"";
    }

    /** Sets what a whole blob and a part of it have in common. */
    private static void describe(Exchange exchange, BlobInfo info) {
        StoredBytes.guard(exchange)
                .with(BlobHeaders.BLOB_TYPE, BlobHeaders.BLOCK_BLOB)
                .with(Headers.DURABILITY, Durability.SYNCED.word());
        StoredBytes.name(exchange, etag(info), info.modified());
        info.metadata()
                .forEach((key, value) -> exchange.with(BlobHeaders.METADATA_PREFIX + key, value));
    }
}
