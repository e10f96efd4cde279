package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.Printable;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import dev.forebay.stream.EndMarker;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One blob in one request: {@code PUT /containers/{id}/{blob}}. {@link BatchEndpoint} takes
 * several.
 *
 * <p><b>Guarantee.</b> A 201, and a 403 that says that the blob exists, are {@link
 * Durability#SYNCED}. The body is streamed, never whole on the heap, and claims its room from the
 * memory budget.
 *
 * <p><b>Limit.</b> {@link #LARGEST_BLOB} bytes. For many threads; a request blocks for its body,
 * for memory and for the disk.
 */
final class PutEndpoint {
    /** The largest blob, in bytes: the largest block that a writer may choose. */
    static final long LARGEST_BLOB = DirectoryContainers.LARGEST_BLOB.bytes();

    /** Bytes of a body that wait for their digest; a block of the usual size does whole. */
    private static final int MOST_LENT = 4 << 20;

    /** They may begin and end within a buffer of the connection. */
    private static final int ROOM_OF_LENT = MOST_LENT + 2 * Exchange.LARGE_PIECE;

    private final MemoryBudget memory;
    private final Clock clock;
    private final BlockMaps maps;

    PutEndpoint(MemoryBudget memory, Clock clock, BlockMaps maps) {
        this.memory = memory;
        this.clock = clock;
        this.maps = maps;
    }

    /** Answers a request that is allowed, for the container of that ID. */
    void answer(Exchange exchange, String id, Container container) throws IOException {
        if (exchange.contentLength() > LARGEST_BLOB) {
            throw Refusal.tooLarge(LARGEST_BLOB);
        }
        refuseKind(exchange);
        BlobName name = RequestedName.ofNew(exchange.parameter("blob"));
        refuseDurability(exchange);
        try (BudgetClaim claim =
                        BudgetClaim.of(
                                memory, "the body of a PUT", BudgetClaim.ROOM_OF_BODY, clock);
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
                    if (info.name().equals(EndMarker.NAME)) {
                        maps.ended(id);
                    }
                    StoredBytes.name(exchange, StoredBytes.etag(info), info.modified());
                    BatchEndpoint.announce(exchange, container)
                            .with(Headers.DURABILITY, durability.word())
                            .with(BlobHeaders.CONTENT_MD5, info.md5().base64())
                            .send(201);
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

    /** Nothing is kept where memory is short. */
    private static int mostLent(Exchange exchange, BudgetClaim claim) {
        boolean large = exchange.contentLength() > BudgetClaim.ROOM_OF_BODY;
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
            throw new DataPlaneRefusal(
                    400,
                    DataErrorCode.INVALID_HEADER_VALUE,
                    "%s: %s"
                            .formatted(
                                    Headers.DURABILITY,
                                    Printable.of(String.valueOf(e.getMessage()))));
        }
    }

    private static Optional<Md5> parse(@Nullable String base64) {
        try {
            return Optional.ofNullable(base64).map(Md5::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // The caller answers with a 400.
        }
    }
}
