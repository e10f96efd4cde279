package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.Run;
import dev.forebay.control.RunService;
import dev.forebay.control.Runs;
import dev.forebay.run.Direction;
import dev.forebay.run.Relay;
import dev.forebay.run.RelayException;
import dev.forebay.run.RelayId;
import dev.forebay.run.RunStatus;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ephemeral buffers over HTTP, as section 1.13 of the reference's protocol has them: one PUT is the
 * input of a program, one GET its output.
 *
 * <p><b>Guarantee.</b> A PUT is answered with 202 once the program has its last byte, or has
 * succeeded without; a GET ends cleanly and without an error code only if the run has succeeded. A
 * client that leaves, a program that fails and a server that stops fail the other side: the PUT
 * with 500, the run as Failed, the GET by a cut connection, or by the trailer {@link
 * BlobHeaders#ERROR_CODE} if its client says {@code TE: trailers}. To a client that does not look
 * there, a body that ends with a trailer is a whole one.
 *
 * <p><b>Limit.</b> A request holds {@link Relay#PIECE} bytes. Bytes have no digest, and no part is
 * sent again. That the client of a PUT has left is seen when the program reads on. For many
 * threads; a request has a virtual thread as long as it takes.
 */
final class RelayFace implements Face {
    private final RunService service;
    private final Runs runs;
    private final AccessSigner signer;
    private final Clock clock;
    private final FollowingRequests following = new FollowingRequests();
    private final Set<Relay> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    RelayFace(RunService service, Runs runs, AccessSigner signer, Clock clock) {
        this.service = service;
        this.runs = runs;
        this.signer = signer;
        this.clock = clock;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.signed("HEAD", "/relays/{id}", this::ping),
                Route.signed("PUT", "/relays/{id}", this::put),
                Route.signed("GET", "/relays/{id}", this::get));
    }

    /** Access URLs are signed. */
    @Override
    public boolean guarded() {
        return true;
    }

    @Override
    public boolean owns(String path) {
        return path.startsWith("/relays/");
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return DataPlaneErrors.of(fault);
    }

    @Override
    public void close() {
        closed = true;
        following.release();
        open.forEach(relay -> relay.fail(Words.STOPPING));
    }

    private static RelayId id(Exchange exchange) {
        return RelayId.parse(exchange.parameter("id")).orElseThrow(RelayFace::missing);
    }

    private static DataPlaneRefusal missing() {
        return new DataPlaneRefusal(404, DataErrorCode.CONTAINER_NOT_FOUND);
    }

    private void allow(Exchange exchange, char letter) {
        DataPlaneRefusal.unlessAllowed(
                signer.verify(exchange.parameter("id"), exchange.query(), letter, clock.wall()));
    }

    /** The run whose buffer this is. */
    private Run run(RelayId id) {
        return runs.ofRelay(id).orElseThrow(RelayFace::missing);
    }

    /** Says that there is a relay; the reference asks for no signature. */
    private void ping(Exchange exchange) throws IOException {
        Run _ = run(id(exchange));
        exchange.send(200);
    }

    private static DataPlaneRefusal wrongMethod(String what) {
        return new DataPlaneRefusal(405, DataErrorCode.UNSUPPORTED_HTTP_VERB, what);
    }

    private static DataPlaneRefusal alreadyCalled() {
        return new DataPlaneRefusal(
                400,
                DataErrorCode.ALREADY_CALLED,
                "an ephemeral buffer is transferred once, and it was; use a stored buffer to repeat it");
    }

    private static DataPlaneRefusal failed(String why) {
        return new DataPlaneRefusal(500, DataErrorCode.TRANSFER_FAILED, why);
    }

    private static DataPlaneRefusal gone(Run run) {
        return failed(
                run.state().status().isFinal()
                        ? "run %d has ended without it: %s"
                                .formatted(
                                        run.id(),
                                        run.state().reason().orElse(run.state().status().text()))
                        : "run %d is not being executed by this server".formatted(run.id()));
    }

    private void put(Exchange exchange) throws IOException {
        allow(exchange, 'c');
        RelayId id = id(exchange);
        Run run = run(id);
        Optional<Relay> relay = service.relay(id);
        if (relay.isEmpty()) {
            if (runs.get(run.id()).state().status() != RunStatus.SUCCEEDED) {
                throw gone(runs.get(run.id()));
            }
            exchange.readBody(Long.MAX_VALUE, piece -> piece.position(piece.limit()));
        } else if (relay.get().direction() != Direction.INPUT) {
            throw wrongMethod("this is an output of the program: GET it");
        } else if (!relay.get().claimSending()) {
            throw alreadyCalled();
        } else {
            send(exchange, relay.get());
        }
        exchange.send(202);
    }

    private void send(Exchange exchange, Relay relay) throws IOException {
        open.add(relay);
        boolean done = false;
        try {
            if (closed) {
                throw failed(Words.STOPPING);
            }
            Sending sending = new Sending(relay);
            exchange.readSlowly(sending);
            relay.end();
            done = sending.taken || relay.awaitSettled();
        } catch (RelayException e) {
            throw failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            throw (IOException) new InterruptedIOException(e.getMessage()).initCause(e);
        } finally {
            if (!done) {
                relay.fail("its client left before the end");
            }
            open.remove(relay);
        }
        if (!done) {
            throw failed("the run has not succeeded");
        }
    }

    /** Hands over copies, since a piece of a body is not this request's for longer. */
    private static final class Sending implements Exchange.Sink {
        private final Relay relay;
        private final ByteBuffer copy = ByteBuffer.allocate(Relay.PIECE);

        /** Whether the program took the bytes; if not, they were dropped. */
        private boolean taken = true;

        Sending(Relay relay) {
            this.relay = relay;
        }

        @Override
        public void take(ByteBuffer piece) throws InterruptedException {
            while (piece.hasRemaining()) {
                int count = Math.min(copy.capacity(), piece.remaining());
                copy.clear().put(piece.slice(piece.position(), count)).flip();
                piece.position(piece.position() + count);
                taken = relay.send(copy);
            }
        }
    }

    private void get(Exchange exchange) throws IOException {
        allow(exchange, 'r');
        RelayId id = id(exchange);
        Run run = run(id);
        Optional<Relay> relay = service.relay(id);
        if (relay.isEmpty()) {
            Run now = runs.get(run.id());
            throw now.state().status() == RunStatus.SUCCEEDED ? alreadyCalled() : gone(now);
        }
        if (relay.get().direction() != Direction.OUTPUT) {
            throw wrongMethod("this is an input of the program: PUT it");
        }
        if (!exchange.mayEndShort()) {
            throw new DataPlaneRefusal(
                    505,
                    DataErrorCode.UNSUPPORTED_HTTP_VERSION,
                    "an ephemeral buffer is read over HTTP/1.1 or later: over HTTP/1.0 a transfer that breaks looks like one that ends");
        }
        if (!relay.get().claimReceiving()) {
            throw alreadyCalled();
        }
        receive(exchange, relay.get());
    }

    private void receive(Exchange exchange, Relay relay) throws IOException {
        boolean done = false;
        try (FollowingRequests.Following request = following.begin(exchange)) {
            StoredBytes.guard(exchange)
                    .chunked()
                    .withTrailer(BlobHeaders.ERROR_CODE)
                    .setStatus(200);
            exchange.write(false, ByteBuffer.allocate(0)); // The head, however long the rest takes.
            Optional<ByteBuffer> piece = next(relay, request);
            while (piece.isPresent()) {
                exchange.write(false, piece.get());
                piece = next(relay, request);
            }
            done = true;
            exchange.write(true, null);
        } catch (RelayException | InterruptedException e) {
            if (!exchange.takesTrailers()) {
                throw new IOException("the bytes of the program broke off", e);
            }
            exchange.endWithTrailer(
                    closed ? DataErrorCode.CONTEXT_CANCELLED : DataErrorCode.TRANSFER_FAILED);
        } finally {
            if (!done) {
                relay.fail("its client left before the end, or the server stops");
            }
        }
    }

    private static Optional<ByteBuffer> next(Relay relay, FollowingRequests.Following request)
            throws InterruptedException {
        return request.await(() -> Optional.ofNullable(relay.next()));
    }
}
