package dev.forebay.server;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Container;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.stream.BlockMap;
import dev.forebay.stream.BufferEnd;
import dev.forebay.stream.BufferException;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.EndMarker;
import dev.forebay.stream.RangeReader;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.TransferInterruptedException;
import dev.forebay.stream.TransferListener;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.regex.Pattern;

/**
 * The stream of a buffer as one body, for programs that know nothing of blobs: {@code curl URL |
 * program}.
 *
 * <p><b>Guarantee.</b> Every byte was checked before it leaves, as {@link BufferReader} and {@link
 * RangeReader} do. A body that ends cleanly is the whole of what was asked for: if the buffer fails
 * or is found damaged while it is sent, the connection is cut. A complete buffer has its length and
 * an {@code ETag} made of its hash chain, and is served in ranges. One that is being written is
 * followed if the request says {@code Prefer: wait}, and otherwise refused with 409, as one is that
 * failed.
 *
 * <p><b>Limit.</b> A body holds the memory of two blocks while its client reads. For many threads;
 * blocks.
 */
final class ContentEndpoint {
    /** The last segment of its path, which is therefore the name of no blob. */
    static final String NAME = "content";

    /** The block that is sent, and the next. */
    private static final int AT_A_TIME = 2;

    private static final Pattern WAIT =
            Pattern.compile("(?:^|[,;\\s])wait\\s*(?:=|[,;]|$)", Pattern.CASE_INSENSITIVE);

    private final FollowingRequests following;
    private final ReadOptions options;
    private final BlockMaps maps;

    ContentEndpoint(FollowingRequests following, BlockMaps maps, ReadOptions options) {
        this.following = following;
        this.maps = maps;
        this.options = options;
    }

    /** How this reads containers. */
    static ReadOptions options(Clock clock, MemoryBudget memory) {
        return new ReadOptions(
                AT_A_TIME,
                ByteSize.of(DirectoryContainers.LARGEST_BLOB.bytes()),
                BudgetClaim.PATIENCE,
                TransferListener.SILENT,
                memory,
                clock);
    }

    /** Answers a GET or HEAD of the content of buffer {@code id}. */
    void answer(Exchange exchange, String id, Container container) throws IOException {
        switch (BufferEnd.of(container, options)) {
            case BufferEnd.Complete(EndMarker end) -> send(exchange, id, container, end);
            case BufferEnd.Failed _ ->
                    throw new DataPlaneRefusal(
                            409,
                            DataErrorCode.BUFFER_FAILED,
                            "the writer of this buffer gave up; what it wrote is not complete");
            case BufferEnd.Open _ -> {
                String prefer = exchange.header(Headers.PREFER);
                if (exchange.isHead() || prefer == null || !WAIT.matcher(prefer).find()) {
                    throw new DataPlaneRefusal(
                            409,
                            DataErrorCode.BUFFER_INCOMPLETE,
                            "this buffer is not complete; GET it with the header 'Prefer: wait' to"
                                    + " follow it to its end");
                }
                follow(exchange, id, container);
            }
        }
    }

    private static void describe(Exchange exchange, String id) {
        StoredBytes.guard(exchange)
                .with("Content-Disposition", "attachment; filename=\"%s\"".formatted(id));
    }

    private void follow(Exchange exchange, String id, Container container) throws IOException {
        if (!exchange.mayEndShort()) {
            throw new DataPlaneRefusal(
                    505,
                    DataErrorCode.UNSUPPORTED_HTTP_VERSION,
                    "a buffer is followed over HTTP/1.1 or later: over HTTP/1.0 a transfer that breaks"
                            + " looks like one that ends");
        }
        describe(exchange, id);
        exchange.chunked().with(Headers.PREFERENCE_APPLIED, "wait").setStatus(200);
        exchange.write(false, ByteBuffer.allocate(0)); // The head, however long the first byte is.
        try (FollowingRequests.Following request = following.begin(exchange)) {
            request.await(() -> {
                new BufferReader(container, options).read(new Body(exchange));
                return id;
            });
        } catch (InterruptedException | TransferInterruptedException e) {
            throw (IOException)
                    new InterruptedIOException("the client left, or the server stops").initCause(e);
        } catch (BufferException e) {
            throw ofClient(e);
        }
        exchange.write(true, null);
    }

    private void send(Exchange exchange, String id, Container container, EndMarker end)
            throws IOException {
        BlobInfo marker =
                container
                        .head(EndMarker.NAME)
                        .orElseThrow(
                                () -> new DataPlaneRefusal(404, DataErrorCode.CONTAINER_NOT_FOUND));
        BlockMap map = maps.of(id, container, end, marker);
        String etag = "\"" + map.hashChain() + "\"";
        RequestedPart wanted =
                exchange.isHead()
                        ? new RequestedPart.Whole()
                        : RequestedPart.of(exchange, etag, marker.modified(), map.size());
        StoredBytes.name(exchange, etag, marker.modified());
        switch (wanted) {
            case RequestedPart.Known _ -> exchange.send(304);
            case RequestedPart.Other _ ->
                    throw new DataPlaneRefusal(412, DataErrorCode.CONDITION_NOT_MET);
            case RequestedPart.Beyond _ -> StoredBytes.refuse(exchange, map.size());
            case RequestedPart.Part part -> {
                describe(exchange, id);
                StoredBytes.describe(exchange, part, map.size());
                new RangeReader(container, options)
                        .read(map, part.from(), part.count(), new Body(exchange));
                exchange.write(true, null);
            }
            case RequestedPart.Whole _ -> {
                describe(exchange, id);
                exchange.with("Content-Length", Long.toString(map.size())).setStatus(200);
                if (!exchange.isHead()) {
                    sendWhole(exchange, container);
                }
                exchange.write(true, null);
            }
        }
    }

    private void sendWhole(Exchange exchange, Container container) throws IOException {
        try {
            new BufferReader(container, options).read(new Body(exchange));
        } catch (BufferException e) {
            throw ofClient(e);
        }
    }

    /** The fault of the output as it was; any other as it is. */
    private static BufferException ofClient(BufferException e) throws IOException {
        if (e.getCause() instanceof IOException gone) {
            throw new IOException("the client left in mid-body", gone);
        }
        return e;
    }

    /** Sends each piece of a block as it comes. */
    private record Body(Exchange exchange) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            int length = source.remaining();
            exchange.write(false, source.slice());
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
}
