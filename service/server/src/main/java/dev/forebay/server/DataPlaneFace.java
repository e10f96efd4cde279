package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
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
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Containers and blobs over HTTP, as sections 1.9 to 1.11 of the reference's protocol have them,
 * and two things more: a GET that waits ({@code Prefer: wait=N}) and durability by name.
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
    private static final Pattern LONG_SEGMENT = Pattern.compile("[^/]{255}");

    /** Claimed for a body while it moves: what the HTTP library and the channel hold of it. */
    private static final int ROOM_OF_BODY = AnswerBody.GATHERED;

    /** Chunks of a body that wait for their digest, of at most 64 KiB each. */
    private static final int MOST_LENT = 16;

    private static final int ROOM_OF_LENT = MOST_LENT * (64 << 10);

    private static final Pattern OWN = Pattern.compile("(/v1)?/containers(/.*)?");
    private static final BlobName END = EndMarker.NAME;
    private static final Pattern WAIT =
            Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?([0-9]{1,9})", Pattern.CASE_INSENSITIVE);

    private final ContainerStore containers;
    private final AccessSigner signer;
    private final Clock clock;
    private final ParkedRequests parked;
    private final MemoryBudget memory;
    private final FailedBodies failedBodies = new FailedBodies();

    DataPlaneFace(
            ContainerStore containers,
            AccessSigner signer,
            Clock clock,
            ParkedRequests parked,
            MemoryBudget memory) {
        this.containers = containers;
        this.signer = signer;
        this.clock = clock;
        this.parked = parked;
        this.memory = memory;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.of("HEAD", "/containers/{id}", this::headContainer),
                Route.of("PUT", "/containers/{id}", this::putContainer),
                Route.of("DELETE", "/containers/{id}", this::deleteContainer),
                Route.of("GET", "/containers/{id}/{blob...}", this::getBlob),
                Route.of("HEAD", "/containers/{id}/{blob...}", this::headBlob),
                Route.of("PUT", "/containers/{id}/{blob...}", this::putBlob));
    }

    /** Access URLs are signed. */
    @Override
    public boolean guarded() {
        return true;
    }

    @Override
    public boolean owns(String path) {
        return OWN.matcher(path).matches();
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return DataPlaneErrors.of(fault);
    }

    @Override
    public void close() {
        parked.release();
    }

    private void allow(Exchange exchange, char letter) {
        switch (signer.verify(exchange.parameter("id"), exchange.query(), letter, clock.wall())) {
            case ALLOWED -> {}
            case NOT_AUTHENTIC ->
                    throw new DataPlaneRefusal(403, DataErrorCode.AUTHENTICATION_FAILED);
            case NOT_PERMITTED ->
                    throw new DataPlaneRefusal(
                            403, DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH);
        }
    }

    private static String containerId(Exchange exchange) {
        String id = exchange.parameter("id");
        if (!ContainerStore.isValidId(id)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_CONTAINER_NAME);
        }
        return id;
    }

    private static BlobName blobName(Exchange exchange) {
        String name = exchange.parameter("blob");
        boolean fits = name.length() <= LONGEST_NAME && !LONG_SEGMENT.matcher(name).find();
        if (!fits || !BlobName.isValid(name)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_BLOB_NAME);
        }
        return new BlobName(name);
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

    private void putContainer(Exchange exchange) throws IOException {
        allow(exchange, 'C');
        containers.create(containerId(exchange));
        exchange.with(Headers.DURABILITY, Durability.SYNCED.word()).send(201);
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
        String demanded = exchange.header(Headers.DURABILITY);
        if (demanded != null && !known(demanded)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_HEADER_VALUE);
        }
        try (BudgetClaim claim = BudgetClaim.of(memory, "the body of a PUT", ROOM_OF_BODY, clock);
                StagedBlob staged = container.stage(blobName(exchange));
                LentChunks chunks = new LentChunks(staged, mostLent(exchange, claim))) {
            exchange.readChunks(LARGEST_BLOB, chunks::add);
            String announced = exchange.distinct(BlobHeaders.CONTENT_MD5);
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
                case PutResult.Created(BlobInfo _, Durability durability) ->
                        exchange.with(Headers.DURABILITY, durability.word()).send(201);
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

    /** One chunk at a time where memory is short. */
    private static int mostLent(Exchange exchange, BudgetClaim claim) {
        boolean large = exchange.contentLength() > ROOM_OF_BODY;
        return large && exchange.mayRetainChunks() && claim.grow(ROOM_OF_LENT) ? MOST_LENT : 1;
    }

    private static boolean known(String word) {
        try {
            Durability.parse(word);
            return true;
        } catch (IllegalArgumentException e) {
            return false; // The caller answers with a 400.
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
        exchange.send(200);
    }

    private void getBlob(Exchange exchange) throws IOException {
        Container container = containerFor(exchange, 'r');
        BlobName name = blobName(exchange);
        Duration wait = wished(exchange);
        Map<String, String> applied =
                wait.isPositive()
                        ? Map.of(Headers.PREFERENCE_APPLIED, "wait=" + wait.toSeconds())
                        : Map.of();
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
                    describe(exchange, blob.info());
                    exchange.setStatus(200);
                    try {
                        send(blob, exchange);
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

    /** Sends the body; an {@link IOException} if the client leaves meanwhile. */
    private static void send(OpenBlob blob, Exchange exchange) throws IOException {
        try (AnswerBody body = new AnswerBody(exchange)) {
            blob.readInto(body);
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

    private static void describe(Exchange exchange, BlobInfo info) {
        exchange.with("Content-Length", Long.toString(info.size()))
                .with(BlobHeaders.CONTENT_MD5, info.md5().base64())
                .with("ETag", "\"" + info.md5().base64() + "\"")
                .with(
                        Headers.LAST_MODIFIED,
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                info.modified()
                                        .truncatedTo(ChronoUnit.SECONDS)
                                        .atOffset(ZoneOffset.UTC)))
                .with(Headers.DURABILITY, Durability.SYNCED.word());
        info.metadata()
                .forEach((key, value) -> exchange.with(BlobHeaders.METADATA_PREFIX + key, value));
    }
}
