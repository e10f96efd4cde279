package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.Printable;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.stream.EndMarker;
import dev.forebay.wire.Headers;
import dev.forebay.wire.WireFormatException;
import dev.forebay.wire.data.BatchBody;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/**
 * Several small blobs in one request: {@code POST /containers/{id}?comp=batch}, with a body as
 * {@link BatchBody} has it.
 *
 * <p><b>Guarantee.</b> The whole request is read and checked before anything is created: one that
 * breaks off, is malformed or breaks a limit creates nothing. Then each blob comes into being for
 * itself, and the answer says how that ended, a line for each, in order; what is created or exists
 * is {@link Durability#SYNCED}. GET answers as after a PUT of the same blob.
 *
 * <p><b>Limit.</b> 1 to {@link SmallBlob#MOST} blobs of up to {@link SmallBlob#LARGEST} bytes and
 * {@link SmallBlob#MOST_BYTES} together, {@link BatchBody#LARGEST} bytes in all; names and metadata
 * as a PUT may have them. After a fault, any of the blobs may have come into being.
 *
 * <p><b>Memory.</b> While a request comes it has room in the memory budget alone. What is made of
 * it lies on the heap, so a quarter of that decides how many are taken apart and put at a time; the
 * others wait, for the disk and not for a client.
 *
 * <p>For many threads. A request blocks for its body, for memory and for the disk.
 */
final class BatchEndpoint {
    /** What one request can make of the heap: metadata of one byte each are the worst. */
    private static final long HEAP_OF_ONE = 8 << 20;

    /** More at a time gain nothing: they wait for the same disk. */
    private static final int MOST_AT_ONCE = 32;

    /** What a header of metadata has besides its name and its value. */
    private static final int ROOM_OF_HEADER =
            BlobHeaders.METADATA_PREFIX.length() + ": \r\n".length();

    /** Characters of a wrong name that a message shows. */
    private static final int SHOWN = 100;

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e\\x80-\\xff]*");

    private final MemoryBudget memory;
    private final Clock clock;
    private final BlockMaps maps;
    private final LongAdder created = new LongAdder();
    private final Semaphore turns =
            new Semaphore(
                    Math.clamp(
                            Runtime.getRuntime().maxMemory() / 4 / HEAP_OF_ONE, 1, MOST_AT_ONCE));

    BatchEndpoint(MemoryBudget memory, Clock clock, BlockMaps maps) {
        this.memory = memory;
        this.clock = clock;
        this.maps = maps;
    }

    /** Blobs that came into being here, since the start. */
    long created() {
        return created.sum();
    }

    /** Says that batches may be sent, if the container gains by them. */
    static Exchange announce(Exchange exchange, Container container) {
        int most = container.mostAtOnce();
        return most > 1 ? exchange.with(Headers.BATCH, Integer.toString(most)) : exchange;
    }

    /** Answers a request that is allowed, for the container of that ID. */
    void answer(Exchange exchange, String id, Container container) throws IOException {
        refuseType(exchange);
        PutEndpoint.refuseDurability(exchange);
        long announced = exchange.contentLength();
        if (announced > BatchBody.LARGEST) {
            throw Refusal.tooLarge(BatchBody.LARGEST);
        }
        int length = announced < 0 ? BatchBody.LARGEST : Math.max(1, (int) announced);
        long room = MemoryBudget.roomFor(length) + BudgetClaim.ROOM_OF_BODY;
        try (BudgetClaim _ = BudgetClaim.of(memory, "the body of a batch", room, clock)) {
            ByteBuffer body = memory.piece(length);
            boolean letGo = true;
            try {
                exchange.readBody(length, body::put);
                List<PutResult> results;
                try (Turn _ = new Turn()) {
                    List<SmallBlob> blobs = blobs(body.flip());
                    letGo = false;
                    results = container.putAll(blobs);
                }
                letGo = results.stream().allMatch(PutResult.Created.class::isInstance);
                count(results, id);
                send(exchange, results);
            } finally {
                if (letGo) {
                    memory.give(body);
                } else {
                    memory.abandon(body);
                }
            }
        }
    }

    /** One of those that are taken apart and put at a time. */
    private final class Turn implements AutoCloseable {
        Turn() {
            try {
                turns.acquire();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ContainerException(Fault.CLOSED, "interrupted while a batch waited", e);
            }
        }

        @Override
        public void close() {
            turns.release();
        }
    }

    private void count(List<PutResult> results, String id) {
        for (PutResult result : results) {
            if (result instanceof PutResult.Created made) {
                created.increment();
                if (made.blob().name().equals(EndMarker.NAME)) {
                    maps.ended(id);
                }
            }
        }
    }

    private static void refuseType(Exchange exchange) {
        String type = Optional.ofNullable(exchange.header("Content-Type")).orElse("");
        if (!type.split(";", 2)[0].strip().equalsIgnoreCase(BatchBody.TYPE)) {
            throw new DataPlaneRefusal(
                    415,
                    DataErrorCode.INVALID_HEADER_VALUE,
                    "expected Content-Type %s, found '%s'"
                            .formatted(BatchBody.TYPE, Printable.of(type)));
        }
    }

    private static List<SmallBlob> blobs(ByteBuffer body) {
        List<SmallBlob> blobs = new ArrayList<>();
        Set<BlobName> names = new HashSet<>();
        for (BatchBody.Blob each : decoded(body)) {
            SmallBlob blob = blob(each);
            if (!names.add(blob.name())) {
                throw malformed("expected each name once, found " + blob.name() + " again");
            }
            blobs.add(blob);
        }
        if (blobs.isEmpty()) {
            throw malformed("expected 1 to %d blobs, found none".formatted(SmallBlob.MOST));
        }
        int bytes = blobs.stream().mapToInt(SmallBlob::size).sum();
        if (bytes > SmallBlob.MOST_BYTES) {
            throw new DataPlaneRefusal(
                    413,
                    DataErrorCode.REQUEST_BODY_TOO_LARGE,
                    "the blobs have %d bytes together, and those of a batch at most %d; put fewer"
                            .formatted(bytes, SmallBlob.MOST_BYTES));
        }
        return blobs;
    }

    private static List<BatchBody.Blob> decoded(ByteBuffer body) {
        try {
            return BatchBody.decode(body, SmallBlob.MOST);
        } catch (WireFormatException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static DataPlaneRefusal malformed(String words) {
        return new DataPlaneRefusal(400, DataErrorCode.INVALID_INPUT, words);
    }

    private static SmallBlob blob(BatchBody.Blob blob) {
        SmallBlob small =
                new SmallBlob(name(blob), blob.body(), new Md5(blob.md5()), asHeaders(blob));
        if (small.size() > SmallBlob.LARGEST) {
            throw new DataPlaneRefusal(
                    413,
                    DataErrorCode.REQUEST_BODY_TOO_LARGE,
                    "blob %s has %d bytes, and one of a batch at most %d; put it for itself"
                            .formatted(small.name(), small.size(), SmallBlob.LARGEST));
        }
        return small;
    }

    /** The refusal says which name it was, as only a batch has several. */
    private static BlobName name(BatchBody.Blob blob) {
        try {
            return RequestedName.ofNew(blob.name());
        } catch (DataPlaneRefusal e) {
            String name = blob.name();
            throw new DataPlaneRefusal(
                    e.status(),
                    e.code(),
                    "expected a name that a PUT may give, found one of %d characters, '%s'"
                            .formatted(
                                    name.length(),
                                    Printable.of(
                                            name.substring(0, Math.min(name.length(), SHOWN)))));
        }
    }

    /** The metadata as they were if each pair had come as a header. */
    private static Map<String, String> asHeaders(BatchBody.Blob blob) {
        checkRoom(blob);
        Map<String, String> metadata = new TreeMap<>();
        for (Map.Entry<String, String> pair : blob.metadata().entrySet()) {
            String name = pair.getKey();
            String value = pair.getValue();
            if (!TOKEN.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                throw new DataPlaneRefusal(
                        400,
                        DataErrorCode.INVALID_HEADER_VALUE,
                        "blob %s: expected metadata that a header can carry, found '%s' with '%s'"
                                .formatted(blob.name(), Printable.of(name), Printable.of(value)));
            }
            metadata.merge(
                    name.toLowerCase(Locale.ROOT),
                    value.strip(),
                    (one, other) -> one + ", " + other);
        }
        return metadata;
    }

    private static void checkRoom(BatchBody.Blob blob) {
        int room = 0;
        for (Map.Entry<String, String> pair : blob.metadata().entrySet()) {
            room += ROOM_OF_HEADER + pair.getKey().length() + pair.getValue().length();
        }
        if (room > HttpListeners.LARGEST_HEADERS) {
            throw new DataPlaneRefusal(
                    413,
                    DataErrorCode.REQUEST_BODY_TOO_LARGE,
                    "blob %s has metadata of %d bytes as headers, and the limit is %d; send less"
                            .formatted(blob.name(), room, HttpListeners.LARGEST_HEADERS));
        }
    }

    private static void send(Exchange exchange, List<PutResult> results) throws IOException {
        StringBuilder lines = new StringBuilder();
        Optional<Instant> last = Optional.empty();
        for (PutResult result : results) {
            lines.append(
                            switch (result) {
                                case PutResult.Created _ -> BatchBody.CREATED;
                                case PutResult.Exists _ -> BatchBody.EXISTS;
                                case PutResult.DigestMismatch _ -> BatchBody.DIGEST_MISMATCH;
                            })
                    .append('\n');
            if (result instanceof PutResult.Created made) {
                last = Optional.of(made.blob().modified());
            }
        }
        last.ifPresent(time -> exchange.with(Headers.LAST_MODIFIED, StoredBytes.date(time)));
        exchange.with(Headers.DURABILITY, Durability.SYNCED.word()).sendText(200, lines.toString());
    }
}
