package dev.forebay.server;

import dev.forebay.blob.ContainerException;
import dev.forebay.wire.Headers;
import dev.forebay.wire.control.ControlErrorCode;
import dev.forebay.wire.control.ErrorBody;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/**
 * Every request comes in here: named, checked for its host, its route and its version, then given
 * to its endpoint, whose refusals become answers. Queries are never logged: they hold signatures.
 */
final class FrontDoor extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);

    private final Router router;
    private final HostCheck hosts;
    private final Optional<URI> publicUrl;

    FrontDoor(Router router, HostCheck hosts, Optional<URI> publicUrl) {
        this.router = router;
        this.hosts = hosts;
        this.publicUrl = publicUrl;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(Headers.REQUEST_ID, UUID.randomUUID().toString());
        // Work is not idleness, however long a disk takes: a server that closes gives connections
        // on which nothing moves a second. A client that stands still ends a read or write as ever.
        request.addIdleTimeoutListener(_ -> false);
        try {
            serve(request, response);
            callback.succeeded();
        } catch (IOException e) {
            LOG.debug("{} {}: {}", request.getMethod(), pathOf(request), e.toString());
            callback.failed(response.isCommitted() ? new EofException(e) : refusal(e));
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", request.getMethod(), pathOf(request), e);
            if (response.isCommitted()) {
                callback.failed(e);
            } else {
                startOver(response);
                response.setStatus(500);
                callback.succeeded();
            }
        }
        return true;
    }

    /**
     * A body that broke off or was framed wrongly: if HTTP knows which 4xx that is, its cause says
     * so. Neither is a fault of the server, nor worth a line in its log.
     */
    private static Throwable refusal(IOException e) {
        return switch (e.getCause()) {
            case Throwable cause when cause instanceof HttpException -> cause;
            case TimeoutException _ -> new HttpException.RuntimeException(408, e.getMessage(), e);
            case null, default -> new HttpException.RuntimeException(400, e.getMessage(), e);
        };
    }

    /** Forgets what was said of an answer that is not given after all. */
    private static void startOver(Response response) {
        String id = response.getHeaders().get(Headers.REQUEST_ID);
        response.reset();
        response.getHeaders().put(Headers.REQUEST_ID, String.valueOf(id));
    }

    private static String pathOf(Request request) {
        return String.valueOf(request.getHttpURI().getPath());
    }

    private void serve(Request request, Response response) throws IOException {
        HttpURI uri = request.getHttpURI();
        Exchange bare =
                new Exchange(
                        request, response, new Target("/", false, Map.of()), publicUrl, Map.of());
        if (!hosts.allowsHost(Request.getServerName(request))) {
            bare.sendError(
                    421,
                    ControlErrorCode.FORBIDDEN,
                    "this server does not answer for the host of the request; use the address it"
                            + " listens on, or start it with --public-url");
            return;
        }
        if (!hosts.allowsOrigin(bare.header("Origin"))) {
            bare.sendError(
                    403, ControlErrorCode.FORBIDDEN, "requests of foreign web pages are refused");
            return;
        }
        try {
            Target target = Target.parse(String.valueOf(uri.getPath()), uri.getQuery());
            Optional<Router.Match> found = router.find(request.getMethod(), target.path());
            if (found.isEmpty()) {
                refuseRoute(bare, target.path());
                return;
            }
            Optional<ErrorBody> complaint =
                    found.get().versioned() ? ApiVersion.complaint(target) : Optional.empty();
            if (complaint.isPresent()) {
                bare.sendJson(400, complaint.get());
                return;
            }
            found.get()
                    .endpoint()
                    .answer(
                            new Exchange(
                                    request,
                                    response,
                                    target,
                                    publicUrl,
                                    found.get().parameters()));
        } catch (Refusal e) {
            if (response.isCommitted()) {
                throw e;
            }
            startOver(response);
            bare.drain(e.status() == 413 ? 0 : DataPlane.LARGEST_BLOB);
            bare.sendError(e.status(), e.code(), String.valueOf(e.getMessage()));
        } catch (ContainerException e) {
            if (response.isCommitted()) {
                throw e;
            }
            switch (e.fault()) { // Of the first group a client or a shutdown may make any number.
                case MISSING_CONTAINER, BAD_REQUEST, NOT_PERMITTED, BAD_CREDENTIAL, CLOSED ->
                        LOG.debug("{} {}: {}", request.getMethod(), pathOf(request), e.toString());
                default ->
                        LOG.warn("{} {}: {}", request.getMethod(), pathOf(request), e.getMessage());
            }
            startOver(response);
            bare.drain(DataPlane.LARGEST_BLOB);
            StorageAnswer.of(e).send(bare);
        }
    }

    private static void refuseRoute(Exchange exchange, String path) throws IOException {
        if (path.indexOf('.', path.lastIndexOf('/') + 1) >= 0) {
            exchange.send(404); // As the reference, which takes such a path for a file.
            return;
        }
        exchange.sendError(
                400, ControlErrorCode.INVALID_ROUTE, "The request path was not recognized.");
    }
}
