package dev.forebay.server;

import dev.forebay.control.Buffer;
import dev.forebay.control.BufferFilter;
import dev.forebay.control.BufferPage;
import dev.forebay.control.Buffers;
import dev.forebay.control.Runs;
import dev.forebay.run.RelayId;
import dev.forebay.wire.TimeSpan;
import dev.forebay.wire.control.BufferBody;
import dev.forebay.wire.control.BufferUpdate;
import dev.forebay.wire.control.Page;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The control plane's routes for buffers.
 *
 * <p>Source: sections 2.7 to 2.9 of the reference's protocol.
 */
final class ControlPlaneFace implements Face {
    private static final Pattern OWN = Pattern.compile("(/v1)?/buffers(/.*)?");

    private final Buffers buffers;
    private final Runs runs;

    /**
     * @param runs which have ephemeral buffers
     */
    ControlPlaneFace(Buffers buffers, Runs runs) {
        this.buffers = buffers;
        this.runs = runs;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.of("POST", "/buffers", this::create),
                Route.of("GET", "/buffers", this::list),
                Route.of("DELETE", "/buffers", this::deleteAll),
                Route.of("GET", "/buffers/count", this::count),
                Route.of("POST", "/buffers/restore", this::restoreAll),
                Route.of("GET", "/buffers/storage-accounts", this::storageAccounts),
                refusing(
                        "POST",
                        "/buffers/export",
                        "Exporting buffers is not supported with local storage."),
                refusing(
                        "POST",
                        "/buffers/import",
                        "Importing buffers is not supported with local storage."),
                Route.of("GET", "/buffers/{id}", this::show),
                Route.of("PUT", "/buffers/{id}", this::update),
                Route.of("DELETE", "/buffers/{id}", this::delete),
                Route.of("POST", "/buffers/{id}/restore", this::restore),
                Route.of("POST", "/buffers/{id}/access", this::access));
    }

    private static Route refusing(String method, String pattern, String message) {
        return Route.of(method, pattern, _ -> refuse(message));
    }

    @Override
    public boolean owns(String path) {
        return OWN.matcher(path).matches();
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return JsonErrors.of(fault);
    }

    @Override
    public void close() {
        // No request waits here.
    }

    private static void refuse(String message) {
        throw Refusal.invalidInput(message);
    }

    private static String id(Exchange exchange) {
        return exchange.parameter("id");
    }

    private static BufferBody body(Buffer buffer) {
        return new BufferBody(
                buffer.id(),
                buffer.createdAt(),
                null,
                buffer.softDeleted(),
                buffer.expiresAt().orElse(null),
                buffer.tags().isEmpty() ? null : buffer.tags(),
                buffer.eTag());
    }

    private static void send(Exchange exchange, int status, Buffer buffer) throws IOException {
        exchange.with("ETag", buffer.eTag()).sendJson(status, body(buffer));
    }

    private void create(Exchange exchange) throws IOException {
        BufferBody wanted = exchange.json(BufferBody.class);
        String location = wanted.location();
        if (location != null && !location.isEmpty() && !location.equalsIgnoreCase("local")) {
            refuse("The location '" + location + "' is not known; this server has 'local' only.");
        }
        Buffer buffer =
                buffers.create(
                        Parameters.noNulls(wanted.tags()), Optional.ofNullable(wanted.expiresAt()));
        send(exchange.with("Location", "/buffers/" + buffer.id()), 201, buffer);
    }

    private void list(Exchange exchange) throws IOException {
        BufferFilter filter = filter(exchange).withSoftDeleted(softDeleted(exchange));
        BufferPage page = buffers.list(filter, Parameters.limit(exchange), exchange.query("_ct"));
        String next =
                page.continuation()
                        .map(token -> Parameters.nextLink(exchange, "/buffers", token))
                        .orElse(null);
        exchange.sendJson(
                200,
                new Page<>(page.buffers().stream().map(ControlPlaneFace::body).toList(), next));
    }

    private static BufferFilter filter(Exchange exchange) {
        Optional<Boolean> deleted =
                exchange.query("softDeleted")
                        .filter(text ->
                                text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"))
                        .map(Boolean::parseBoolean);
        return new BufferFilter(
                Parameters.tags(exchange, "tag"),
                Parameters.tags(exchange, "excludeTag"),
                deleted,
                Parameters.tagKeys(exchange),
                Parameters.created(exchange));
    }

    private static boolean softDeleted(Exchange exchange) {
        String text = exchange.query("softDeleted").orElse("false");
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw Refusal.badRequest("softDeleted must be true or false");
        }
        return Boolean.parseBoolean(text);
    }

    private static Optional<Duration> ttl(Exchange exchange) {
        try {
            return exchange.query("ttl").map(TimeSpan::parse);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("ttl must be a valid, non-negative TimeSpan");
        }
    }

    private void show(Exchange exchange) throws IOException {
        send(exchange, 200, buffers.get(id(exchange), softDeleted(exchange)));
    }

    private void update(Exchange exchange) throws IOException {
        BufferUpdate update = exchange.json(BufferUpdate.class);
        if (update.id() != null && !update.id().isEmpty() && !update.id().equals(id(exchange))) {
            throw Refusal.badRequest(
                    "the id in the body, '" + update.id() + "', is not that of the path");
        }
        send(
                exchange,
                200,
                buffers.update(
                        id(exchange),
                        softDeleted(exchange),
                        Parameters.ifMatch(exchange),
                        Parameters.noNulls(update.tags()),
                        Optional.ofNullable(update.expiresAt())));
    }

    private void delete(Exchange exchange) throws IOException {
        Buffer ended =
                softDeleted(exchange)
                        ? buffers.purge(id(exchange), ttl(exchange))
                        : buffers.delete(id(exchange), ttl(exchange));
        send(exchange, 200, ended);
    }

    private void deleteAll(Exchange exchange) throws IOException {
        int count =
                softDeleted(exchange)
                        ? buffers.purgeAll(filter(exchange), ttl(exchange))
                        : buffers.deleteAll(filter(exchange), ttl(exchange));
        exchange.sendJson(200, count);
    }

    private void access(Exchange exchange) throws IOException {
        boolean writeable = exchange.query("writeable").map(Boolean::parseBoolean).orElse(false);
        Optional<RelayId> relay =
                RelayId.parse(id(exchange)).filter(id -> runs.ofRelay(id).isPresent());
        if (relay.isPresent()) {
            String query = buffers.access(relay.get(), writeable, ttl(exchange));
            exchange.sendJson(
                    201,
                    Map.of(
                            "uri",
                            exchange.baseUri()
                                    + "relays/"
                                    + id(exchange)
                                    + "?"
                                    + query
                                    + "&relay=true"));
            return;
        }
        String query = buffers.access(id(exchange), writeable, ttl(exchange));
        exchange.sendJson(
                201,
                Map.of("uri", exchange.baseUri() + "containers/" + id(exchange) + "?" + query));
    }

    private void count(Exchange exchange) throws IOException {
        exchange.sendJson(200, buffers.count(filter(exchange)));
    }

    private void restore(Exchange exchange) throws IOException {
        send(exchange, 200, buffers.restore(id(exchange)));
    }

    private void restoreAll(Exchange exchange) throws IOException {
        exchange.sendJson(200, buffers.restoreAll(filter(exchange)));
    }

    private void storageAccounts(Exchange exchange) throws IOException {
        exchange.sendJson(
                200,
                List.of(
                        Map.of(
                                "name",
                                "local",
                                "location",
                                "local",
                                "endpoint",
                                exchange.baseUri().toString())));
    }
}
