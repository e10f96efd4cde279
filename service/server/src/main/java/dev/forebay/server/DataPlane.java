package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import dev.forebay.control.AccessSigner;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Containers and blobs over HTTP, as sections 1.9 to 1.11 of the reference's protocol have them;
 * and beyond them a GET that waits ({@code Prefer: wait=N}) and durability by name.
 *
 * <p><b>Guarantee.</b> A 201, a 200 and an "exists" are {@link Durability#SYNCED}. A body is
 * streamed, never whole on the heap. Checks come in the reference's order; a body that is refused
 * is taken first, up to the limit, so that the client sees the answer.
 */
final class DataPlane {
    /** The largest blob. */
    static final long LARGEST_BLOB = 256L << 20;

    /** The longest that a GET is held, below every idle timeout on the way. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** As in other stores, and well below the longest path of a file. */
    private static final int LONGEST_NAME = 1024;

    /** Beyond what a file may be called, with what the container adds to it. */
    private static final Pattern LONG_SEGMENT = Pattern.compile("[^/]{255}");

    private static final BlobName END = new BlobName(".bufferend");
    private static final Pattern WAIT =
            Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?([0-9]{1,9})", Pattern.CASE_INSENSITIVE);

    private final ContainerStore containers;
    private final AccessSigner signer;
    private final Clock clock;
    private final Held held;

    DataPlane(ContainerStore containers, AccessSigner signer, Clock clock, Held held) {
        this.containers = containers;
        this.signer = signer;
        this.clock = clock;
        this.held = held;
    }

    void addTo(Router router) {
        router.add("HEAD", "/containers/{id}", this::headContainer)
                .add("PUT", "/containers/{id}", this::putContainer)
                .add("DELETE", "/containers/{id}", this::deleteContainer)
                .add("GET", "/containers/{id}/{blob...}", this::getBlob)
                .add("HEAD", "/containers/{id}/{blob...}", this::headBlob)
                .add("PUT", "/containers/{id}/{blob...}", this::putBlob);
    }

    /** A "no" of the data plane: empty but for its code. */
    private record No(int status, String code) {}

    private Optional<No> forbids(Exchange exchange, char letter) {
        return switch (signer.verify(
                exchange.parameter("id"), exchange.query(), letter, clock.wall())) {
            case ALLOWED -> Optional.empty();
            case NOT_AUTHENTIC -> Optional.of(new No(403, DataErrorCode.AUTHENTICATION_FAILED));
            case NOT_PERMITTED ->
                    Optional.of(new No(403, DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH));
        };
    }

    private static Optional<No> illegalContainer(Exchange exchange) {
        return ContainerStore.isValidId(exchange.parameter("id"))
                ? Optional.empty()
                : Optional.of(new No(400, DataErrorCode.INVALID_CONTAINER_NAME));
    }

    private static Optional<No> illegalBlob(Exchange exchange) {
        String name = exchange.parameter("blob");
        boolean fits = name.length() <= LONGEST_NAME && !LONG_SEGMENT.matcher(name).find();
        return fits && BlobName.isValid(name)
                ? Optional.empty()
                : Optional.of(new No(400, DataErrorCode.INVALID_BLOB_NAME));
    }

    private void refuse(Exchange exchange, No no) throws IOException {
        exchange.drain(LARGEST_BLOB);
        exchange.with(BlobHeaders.ERROR_CODE, no.code).send(no.status);
    }

    private void headContainer(Exchange exchange) throws IOException {
        Optional<No> no = forbids(exchange, 'R');
        String id = exchange.parameter("id");
        if (no.isEmpty() && (!ContainerStore.isValidId(id) || containers.open(id).isEmpty())) {
            no = Optional.of(new No(404, DataErrorCode.CONTAINER_NOT_FOUND));
        }
        if (no.isPresent()) {
            refuse(exchange, no.get());
            return;
        }
        exchange.send(200);
    }

    private void putContainer(Exchange exchange) throws IOException {
        Optional<No> no = forbids(exchange, 'C').or(() -> illegalContainer(exchange));
        if (no.isPresent()) {
            refuse(exchange, no.get());
            return;
        }
        containers.create(exchange.parameter("id"));
        exchange.with(Headers.DURABILITY, Durability.SYNCED.word()).send(201);
    }

    private void deleteContainer(Exchange exchange) throws IOException {
        Optional<No> no = forbids(exchange, 'D').or(() -> illegalContainer(exchange));
        if (no.isEmpty() && !containers.setAside(exchange.parameter("id"))) {
            no = Optional.of(new No(404, DataErrorCode.CONTAINER_NOT_FOUND));
        }
        if (no.isPresent()) {
            refuse(exchange, no.get());
            return;
        }
        // It is gone durably now. Its files may be many; what a crash leaves of them goes at the
        // next start.
        exchange.send(200);
        containers.removeSetAside();
    }

    /** The container of a blob call after all checks before the body, or null once refused. */
    private @Nullable Container containerFor(Exchange exchange, char letter) throws IOException {
        Optional<No> no =
                forbids(exchange, letter)
                        .or(() -> illegalContainer(exchange))
                        .or(() -> illegalBlob(exchange));
        if (no.isEmpty()) {
            Optional<Container> container = containers.open(exchange.parameter("id"));
            if (container.isPresent()) {
                return container.get();
            }
        }
        refuse(exchange, no.orElse(new No(404, DataErrorCode.CONTAINER_NOT_FOUND)));
        return null;
    }

    private void putBlob(Exchange exchange) throws IOException {
        Container container = containerFor(exchange, 'c');
        if (container == null) {
            return;
        }
        if (exchange.contentLength() > LARGEST_BLOB) {
            exchange.drain(LARGEST_BLOB);
            exchange.send(413);
            return;
        }
        String demanded = exchange.header(Headers.DURABILITY);
        if (demanded != null && !known(demanded)) {
            refuse(exchange, new No(400, DataErrorCode.INVALID_HEADER_VALUE));
            return;
        }
        BlobName name = new BlobName(exchange.parameter("blob"));
        try (StagedBlob staged = container.stage(name)) {
            exchange.readBody(LARGEST_BLOB, staged::write);
            String announced = exchange.distinct(BlobHeaders.CONTENT_MD5);
            Optional<Md5> expected = parse(announced);
            if (announced != null && expected.isEmpty()) {
                // The reference compares texts, so what is no digest, or are two, differs from
                // each.
                refuse(exchange, new No(400, DataErrorCode.MD5_MISMATCH));
                return;
            }
            PutResult result =
                    staged.commit(
                            expected.orElse(null),
                            exchange.headersBelow(BlobHeaders.METADATA_PREFIX));
            switch (result) {
                case PutResult.Created(BlobInfo _, Durability durability) ->
                        exchange.with(Headers.DURABILITY, durability.word()).send(201);
                case PutResult.Exists(Durability durability) ->
                        exchange.with(Headers.DURABILITY, durability.word())
                                .with(
                                        BlobHeaders.ERROR_CODE,
                                        DataErrorCode.UNAUTHORIZED_BLOB_OVERWRITE)
                                .send(403);
                case PutResult.DigestMismatch _ ->
                        exchange.with(BlobHeaders.ERROR_CODE, DataErrorCode.MD5_MISMATCH).send(400);
            }
        }
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
        if (container == null) {
            return;
        }
        Optional<BlobInfo> info = container.head(new BlobName(exchange.parameter("blob")));
        if (info.isEmpty()) {
            refuse(exchange, new No(404, DataErrorCode.BLOB_NOT_FOUND));
            return;
        }
        describe(exchange, info.get());
        exchange.send(200);
    }

    private void getBlob(Exchange exchange) throws IOException {
        Container container = containerFor(exchange, 'r');
        if (container == null) {
            return;
        }
        BlobName name = new BlobName(exchange.parameter("blob"));
        Duration wait = wished(exchange);
        if (wait.isPositive()) {
            exchange.with(Headers.PREFERENCE_APPLIED, "wait=" + wait.toSeconds());
        }
        Lookup lookup =
                wait.isPositive()
                        ? held.during(
                                exchange.connection(),
                                () -> container.get(name, Wait.upTo(wait, END)))
                        : container.get(name, Wait.NONE);
        switch (lookup) {
            case Lookup.Absent _ -> refuse(exchange, new No(404, DataErrorCode.BLOB_NOT_FOUND));
            case Lookup.Found(OpenBlob blob) -> {
                try (blob) {
                    describe(exchange, blob.info());
                    exchange.setStatus(200);
                    try (AnswerChannel body = new AnswerChannel(exchange)) {
                        blob.transferTo(body);
                        body.finish();
                    }
                }
            }
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
