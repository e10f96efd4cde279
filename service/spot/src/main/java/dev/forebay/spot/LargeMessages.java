package dev.forebay.spot;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.NotEnoughMemoryException;
import dev.forebay.identity.Users;
import io.grpc.Status;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.Callback;

/**
 * Bounds the memory of large messages: a message says its length in front of its bytes, and one of
 * more than {@value #SMALL} bytes is read only when there is room for it in a budget. Until then
 * its bytes stay with the client, because the flow control of HTTP/2 lets no more than a window
 * come.
 *
 * <p><b>Guarantee.</b> All messages that are read together fit the budget, small ones aside. A call
 * whose first message does not fit waits up to {@link #PATIENCE} for others to end; then it is
 * answered {@code RESOURCE_EXHAUSTED}, with the numbers and the setting to raise. Who has no valid
 * token takes nothing of the budget.
 *
 * <p><b>Limit.</b> One call of a connection waits; another that would have to wait beside it is
 * refused at once, because the windows of two would stop the connection. A later message of a
 * stream that needs more room than those before it, and does not find it, breaks the call off: its
 * client sees a reset. A claim ends with its call.
 *
 * <p>Used by many threads; blocks until the first bytes of a call are there, and while it waits.
 */
final class LargeMessages extends Handler.Wrapper {
    static final int SMALL = 64 << 10;

    /** How long a call waits for others to give back what they claimed. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The bytes as they come, the message that is made of them, and what is written of it. */
    private static final int COPIES = 3;

    /** Bytes that one byte of a compressed message may become: the most that DEFLATE reaches. */
    private static final int INFLATED = 1032;

    private final MemoryBudget memory;
    private final Users users;
    private final Clock clock;

    /** Connections on which a call waits. */
    private final Set<Connection> waiting = ConcurrentHashMap.newKeySet();

    LargeMessages(MemoryBudget memory, Users users, Clock clock, Handler next) {
        super(next);
        this.memory = memory;
        this.users = users;
        this.clock = clock;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (Tokens.of(request.getHeaders().get(HttpHeader.AUTHORIZATION))
                .flatMap(users::userOf)
                .isEmpty()) {
            return super.handle(request, response, callback); // It answers before it reads.
        }
        Framed framed = new Framed(request);
        Request.addCompletionListener(request, _ -> framed.release());
        framed.readFirst();
        Optional<String> refusal = framed.awaitRoom();
        if (refusal.isPresent()) {
            framed.discard();
            refuse(refusal.get(), request, response, callback);
            return true;
        }
        return super.handle(framed, response, callback);
    }

    private static void refuse(
            String message, Request request, Response response, Callback callback) {
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, "application/grpc");
        headers.put("grpc-status", Integer.toString(Status.Code.RESOURCE_EXHAUSTED.value()));
        headers.put("grpc-message", message);
        response.setStatus(200);
        response.write(true, null, Callback.from(() -> drop(request, callback), callback::failed));
    }

    /** Reads the rest of a request and drops it: a stream that is reset loses its answer. */
    private static void drop(Request request, Callback callback) {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(() -> drop(request, callback));
                return;
            }
            chunk.release();
            if (chunk.isLast()) { // A failure is the last, too: the client left.
                callback.succeeded();
                return;
            }
        }
    }

    /** The request, whose messages are found in its bytes as these are read. */
    private final class Framed extends Request.Wrapper {
        /** In front of a message: whether it is compressed, and its length. */
        private static final int PREFIX = 1 + Integer.BYTES;

        private final Deque<Content.Chunk> first = new ArrayDeque<>();
        private final ByteBuffer prefix = ByteBuffer.allocate(PREFIX);

        /** How many bytes of the message are still to come. */
        private long rest;

        /** The room that the largest of the messages so far needs. */
        private long needed;

        private final AtomicLong claimed = new AtomicLong();

        Framed(Request request) {
            super(request);
        }

        /** Reads up to the length of the first message. */
        void readFirst() throws IOException {
            while (prefix.hasRemaining()) {
                Content.Chunk chunk = super.read();
                if (chunk == null) {
                    try (Blocker.Runnable blocker = Blocker.runnable()) {
                        super.demand(blocker);
                        blocker.block();
                    }
                    continue;
                }
                first.add(chunk);
                follow(chunk);
                if (chunk.isLast()) {
                    return;
                }
            }
        }

        /** Claims what is needed, and waits for it; if it does not come, says why. */
        Optional<String> awaitRoom() throws IOException {
            if (claimNow()) {
                return Optional.empty();
            }
            String what = "a message of %s".formatted(ByteSize.of(needed / COPIES));
            Connection connection = getConnectionMetaData().getConnection();
            if (!waiting.add(connection)) {
                return Optional.of(
                        "not enough memory for %s: it needs %s, other calls hold %s of %s, and one of this connection waits already; send one after the other"
                                .formatted(
                                        what,
                                        ByteSize.of(needed),
                                        memory.claimed(),
                                        memory.total()));
            }
            try {
                memory.awaitFirst(what, needed, clock, PATIENCE);
                claimed.addAndGet(needed);
                return Optional.empty();
            } catch (NotEnoughMemoryException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException)
                        new InterruptedIOException(
                                        "interrupted while waiting for memory for " + what)
                                .initCause(e);
            } finally {
                waiting.remove(connection);
            }
        }

        void discard() {
            first.forEach(Content.Chunk::release);
            first.clear();
        }

        void release() {
            memory.release(claimed.getAndSet(0));
        }

        @Override
        public Content.Chunk read() {
            Content.Chunk early = first.poll();
            if (early != null) {
                return early;
            }
            Content.Chunk chunk = super.read();
            if (chunk == null) {
                return chunk;
            }
            follow(chunk);
            if (claimNow()) {
                return chunk;
            }
            chunk.release();
            return Content.Chunk.from(
                    new IOException("there is no memory for the next message of this call"), true);
        }

        /** Claims what is needed and not claimed yet, if it is free. */
        private boolean claimNow() {
            long more = needed - claimed.get();
            if (more <= 0) {
                return true;
            }
            boolean granted = memory.claimFirst(more);
            claimed.addAndGet(granted ? more : 0);
            return granted;
        }

        @Override
        public void demand(Runnable demandCallback) {
            if (first.isEmpty()) {
                super.demand(demandCallback);
            } else {
                getContext().execute(demandCallback);
            }
        }

        /** Finds the lengths of the messages that begin in a chunk. */
        private void follow(Content.Chunk chunk) {
            ByteBuffer bytes = chunk.getByteBuffer().duplicate();
            while (bytes.hasRemaining()) {
                if (rest > 0) {
                    int part = (int) Math.min(rest, bytes.remaining());
                    bytes.position(bytes.position() + part);
                    rest -= part;
                } else {
                    begin(bytes);
                }
            }
        }

        private void begin(ByteBuffer bytes) {
            if (!prefix.hasRemaining()) {
                prefix.clear();
            }
            while (prefix.hasRemaining() && bytes.hasRemaining()) {
                prefix.put(bytes.get());
            }
            if (prefix.hasRemaining()) {
                return;
            }
            rest = Integer.toUnsignedLong(prefix.getInt(1));
            long length =
                    prefix.get(0) == 0
                            ? rest
                            : Math.min(INFLATED * rest, SpotHandler.LARGEST_MESSAGE);
            // A longer one is refused by its length, and its bytes are dropped.
            if (length > SMALL && length <= SpotHandler.LARGEST_MESSAGE) {
                needed = Math.max(needed, COPIES * length);
            }
        }
    }
}
