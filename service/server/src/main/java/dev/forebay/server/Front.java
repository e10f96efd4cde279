package dev.forebay.server;

import dev.forebay.base.ForebayException;
import dev.forebay.wire.Headers;
import dev.forebay.wire.control.ControlErrorCode;
import dev.forebay.wire.control.ErrorBody;
import dev.forebay.wire.data.BlobHeaders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.NanoTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request of every listener comes in here. The front names it, checks host, origin, framing,
 * route and version, calls the endpoint, and sends what the endpoint's face makes of a fault.
 *
 * <p><b>Guarantee.</b> Every request is answered or its stream is cut, whatever the endpoint
 * throws, an {@link Error} included. Queries are never logged: they hold signatures.
 *
 * <p>Each request has a virtual thread of its own; the front holds no lock.
 */
final class Front extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);

    /** A refused request's body is read up to this, so that the client sees the answer. */
    private static final long MOST_DRAINED = 256L << 20;

    /** One line a request, if {@link ServerLog#requests} says so. */
    private static final Logger ACCESS = LoggerFactory.getLogger(Logging.ACCESS);

    private final Map<Connector, Entrance> entrances;
    private final FaultLog faults;
    private final RequestCounts counts;

    Front(Map<Connector, Entrance> entrances, FaultLog faults, RequestCounts counts) {
        this.entrances = Map.copyOf(entrances);
        this.faults = faults;
        this.counts = counts;
    }

    /** The route that a request found, once it has. For the thread of the request. */
    private static final class Served {
        private String method = "other";
        private String route = RequestCounts.NO_ROUTE;

        void at(Route found) {
            method = found.method();
            route = found.pattern();
        }
    }

    private Entrance entrance(Request request) {
        Connector connector = request.getConnectionMetaData().getConnector();
        Entrance entrance = entrances.get(connector);
        if (entrance == null) {
            throw new IllegalStateException("no listener has the connector " + connector);
        }
        return entrance;
    }

    /** Renders an error that the HTTP library found itself. */
    ErrorAnswer render(Request request, Throwable fault) {
        return entrance(request).render(pathOf(request), fault);
    }

    private static String pathOf(Request request) {
        return String.valueOf(request.getHttpURI().getPath());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(Headers.REQUEST_ID, UUID.randomUUID().toString());
        // Work is not idleness, however long a disk takes: a server that closes gives connections
        // on which nothing moves a second. A client that stands still ends a read or write as ever.
        request.addIdleTimeoutListener(_ -> false);
        Served served = new Served();
        try {
            serve(request, response, served);
            ended(request, response, served, String.valueOf(response.getStatus()));
            callback.succeeded();
        } catch (IOException e) {
            LOG.debug("{} {}: {}", request.getMethod(), pathOf(request), e.toString());
            ended(request, response, served, RequestCounts.CUT);
            callback.failed(response.isCommitted() ? new EofException(e) : refusal(e));
        } catch (Throwable e) {
            LOG.error("{} {}: no answer", request.getMethod(), pathOf(request), e);
            ended(request, response, served, RequestCounts.CUT);
            callback.failed(e);
        }
        return true;
    }

    /** Counts a request, before its objects serve the next one. */
    private void ended(Request request, Response response, Served served, String status) {
        long nanos = NanoTime.since(request.getBeginNanoTime());
        long out = Math.max(0, Response.getContentBytesWritten(response));
        counts.answered(
                new RequestCounts.Kind(served.method, served.route, status),
                nanos,
                Request.getContentBytesRead(request),
                out);
        if (ACCESS.isInfoEnabled()) {
            ACCESS.info(
                    "{} {} {} {} bytes {} ms",
                    request.getMethod(),
                    pathOf(request),
                    status,
                    out,
                    TimeUnit.NANOSECONDS.toMillis(nanos));
        }
    }

    /**
     * A body that broke off or was framed wrongly. If HTTP knows which 4xx that is, the cause says
     * so. It is no fault of the server.
     */
    private static Throwable refusal(IOException e) {
        return switch (e.getCause()) {
            case Throwable cause when cause instanceof HttpException -> cause;
            case TimeoutException _ -> new HttpException.RuntimeException(408, e.getMessage(), e);
            case null, default -> new HttpException.RuntimeException(400, e.getMessage(), e);
        };
    }

    private void serve(Request request, Response response, Served served) throws IOException {
        Entrance entrance = entrance(request);
        Exchange exchange = new Exchange(request, response, entrance.listener().publicUrl());
        Optional<Router.Match> found = Optional.empty();
        try {
            if (!entrance.takesAnyHost(pathOf(request))) {
                checkHosts(entrance.listener().hosts(), request);
            }
            checkOrigins(entrance.listener().hosts(), request);
            checkFraming(request);
            RequestTarget target =
                    RequestTarget.parse(pathOf(request), request.getHttpURI().getQuery());
            found = entrance.router().find(request.getMethod(), target.path());
            if (found.isEmpty()) {
                refuseRoute(exchange, target.path());
                return;
            }
            Router.Match match = found.get();
            served.at(match.route());
            admit(match.face(), entrance, request);
            if (match.route().versioned() && !namesStoreVersion(match.route(), target, exchange)) {
                refuseVersion(target);
            }
            match.route().endpoint().answer(exchange.at(target, match.parameters()));
        } catch (IOException e) {
            throw e;
        } catch (Throwable fault) {
            answer(
                    exchange,
                    fault,
                    found.isPresent()
                            ? found.get().face().render(fault)
                            : entrance.render(pathOf(request), fault));
        }
    }

    /** Checks what the path alone did not decide. */
    private static void admit(Face face, Entrance entrance, Request request) {
        if (!face.takesAnyHost()) {
            checkHosts(entrance.listener().hosts(), request);
        }
        if (entrance.listener().exposed() && !face.guarded()) {
            throw new Refusal(
                    403,
                    ControlErrorCode.FORBIDDEN,
                    "this address is open to the network and serves the data log and access URLs"
                            + " only; ask at the server's loopback address");
        }
    }

    private static void checkHosts(HostRule hosts, Request request) {
        boolean good =
                hosts.allowsHost(Request.getServerName(request))
                        && values(request, HttpHeader.HOST).stream()
                                .allMatch(value -> hosts.allowsHost(hostOf(value)));
        if (!good) {
            throw new Refusal(
                    421,
                    ControlErrorCode.FORBIDDEN,
                    "this server does not answer for the host of the request; use the address it"
                            + " listens on, or start it with --public-url");
        }
    }

    private static void checkOrigins(HostRule hosts, Request request) {
        if (!hosts.allowsOrigins(values(request, HttpHeader.ORIGIN))) {
            throw new Refusal(
                    403, ControlErrorCode.FORBIDDEN, "requests of foreign web pages are refused");
        }
    }

    /** The host without its port; a text that is no host stays as it is. */
    private static String hostOf(String value) {
        try {
            return String.valueOf(new HostPort(value).getHost());
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    /** In a plain loop, as each request asks for several. */
    private static List<String> values(Request request, HttpHeader name) {
        List<String> values = new ArrayList<>(1);
        for (HttpField field : request.getHeaders()) {
            if (field.getHeader() == name) {
                values.add(String.valueOf(field.getValue()));
            }
        }
        return values;
    }

    /** The HTTP library undoes chunks and no other coding; it must not pass others as the body. */
    private static void checkFraming(Request request) {
        List<String> codings = values(request, HttpHeader.TRANSFER_ENCODING);
        boolean plain =
                codings.isEmpty()
                        || codings.size() == 1
                                && codings.getFirst().strip().equalsIgnoreCase("chunked");
        if (!plain) {
            throw new MalformedRequest(
                    501,
                    "expected a body as it is or with Transfer-Encoding: chunked, found another"
                            + " transfer coding");
        }
    }

    /** Clients of other stores drop the parameters that they do not know from a signed URL. */
    private static boolean namesStoreVersion(Route route, RequestTarget target, Exchange exchange) {
        return route.versioning() == Route.Versioning.PARAMETER_OR_SIGNED
                && !target.query().containsKey("api-version")
                && target.query().containsKey("sig")
                && exchange.header(BlobHeaders.VERSION) != null;
    }

    private static void refuseVersion(RequestTarget target) {
        Optional<ErrorBody> complaint = ApiVersion.complaint(target);
        if (complaint.isPresent()) {
            throw new Refusal(400, complaint.get());
        }
    }

    private static void refuseRoute(Exchange exchange, String path) throws IOException {
        if (path.indexOf('.', path.lastIndexOf('/') + 1) >= 0) {
            exchange.send(404); // As the reference, which takes such a path for a file.
            return;
        }
        throw new Refusal(
                400, ControlErrorCode.INVALID_ROUTE, "The request path was not recognized.");
    }

    private void answer(Exchange exchange, Throwable fault, ErrorAnswer answer) throws IOException {
        log(exchange, fault, answer);
        if (exchange.isCommitted()) {
            throw new IOException("the body of the answer was cut off", fault);
        }
        exchange.startOver();
        if (answer.status() == 413 || answer.status() == 501) {
            exchange.sendAndLinger(answer, MOST_DRAINED);
        } else {
            exchange.drain(MOST_DRAINED);
            exchange.send(answer);
        }
    }

    private void log(Exchange exchange, Throwable fault, ErrorAnswer answer) {
        String call = exchange.name();
        if (answer.state().isPresent()) {
            if (faults.begins(answer.state().get())) {
                LOG.warn("{}: {} (logged once while it lasts)", call, messages(fault));
            }
        } else if (fault instanceof ForebayException) {
            LOG.debug("{}: {}", call, fault.toString());
        } else {
            LOG.error("{} failed; Request-Id {}", call, exchange.requestId(), fault);
        }
    }

    /** The message of a fault and of its root cause. */
    private static String messages(Throwable fault) {
        Throwable root = fault;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(fault.getMessage());
        String cause = String.valueOf(root.getMessage());
        return message.contains(cause) ? message : message + ": " + cause;
    }
}
