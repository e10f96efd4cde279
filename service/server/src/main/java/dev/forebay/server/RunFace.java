package dev.forebay.server;

import dev.forebay.control.Buffers;
import dev.forebay.control.Run;
import dev.forebay.control.RunFilter;
import dev.forebay.control.RunFilter.Range;
import dev.forebay.control.RunPage;
import dev.forebay.control.RunStatus;
import dev.forebay.control.Runs;
import dev.forebay.wire.Times;
import dev.forebay.wire.control.Page;
import dev.forebay.wire.control.RunBody;
import dev.forebay.wire.control.RunUpdate;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The control plane's routes for runs.
 *
 * <p><b>Limit.</b> The server has no executor: what is asked to be executed is checked and then
 * refused, and there are no logs.
 *
 * <p>Source: section 2.11 of the reference's protocol. The search goes beyond it: expressions over
 * the status, tags by their keys, ranges of times, and the codespec.
 */
final class RunFace implements Face {
    private static final String NO_EXECUTOR =
            "Runs are not available on this server, because it has no executor. The request is"
                    + " valid; nothing was created.";
    private static final Pattern OWN = Pattern.compile("(/v1)?/runs(/.*)?");
    private static final Pattern ID = Pattern.compile("[0-9]{1,18}");

    private final Runs runs;
    private final Buffers buffers;

    RunFace(Runs runs, Buffers buffers) {
        this.runs = runs;
        this.buffers = buffers;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/runs", this::list),
                Route.of("GET", "/runs/counts", this::counts),
                Route.of("POST", "/runs", this::create),
                Route.of("POST", "/runs/_sweep", this::sweep),
                Route.of("GET", "/runs/{id}", this::show),
                Route.of("PUT", "/runs/{id}", this::update),
                Route.of("POST", "/runs/{id}/cancel", this::cancel),
                Route.of("GET", "/runs/{id}/logs", RunFace::noLogs));
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

    private static long id(Exchange exchange) {
        String id = exchange.parameter("id");
        if (!ID.matcher(id).matches()) {
            throw Refusal.notFound();
        }
        return Long.parseLong(id);
    }

    private static void send(Exchange exchange, int status, Run run) throws IOException {
        exchange.with("ETag", run.eTag()).sendJson(status, run.body());
    }

    private static RunFilter filter(Exchange exchange) {
        return new RunFilter(
                RunFilter.states(values(exchange, "status")),
                Parameters.tags(exchange, "tag"),
                new HashSet<>(values(exchange, "hasTag")),
                exchange.query("codespec"),
                new Range(
                        Stream.of(time(exchange, "since"), time(exchange, "createdAfter"))
                                .flatMap(Optional::stream)
                                .max(Instant::compareTo),
                        time(exchange, "createdBefore")),
                new Range(time(exchange, "finishedAfter"), time(exchange, "finishedBefore")));
    }

    private static List<String> values(Exchange exchange, String name) {
        return exchange.query().getOrDefault(name, List.of());
    }

    private static Optional<Instant> time(Exchange exchange, String name) {
        try {
            return exchange.query(name).map(Times::parse);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(name + " is " + e.getMessage());
        }
    }

    private void list(Exchange exchange) throws IOException {
        RunPage page =
                runs.list(filter(exchange), Parameters.limit(exchange), exchange.query("_ct"));
        String next =
                page.continuation()
                        .map(token -> Parameters.nextLink(exchange, "/runs", token))
                        .orElse(null);
        exchange.sendJson(200, new Page<>(page.runs().stream().map(Run::body).toList(), next));
    }

    private void counts(Exchange exchange) throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        for (Map.Entry<RunStatus, Long> each : runs.counts(filter(exchange)).entrySet()) {
            counts.put(each.getKey().word().toLowerCase(Locale.ROOT), each.getValue());
        }
        exchange.sendJson(200, counts);
    }

    private void create(Exchange exchange) throws IOException {
        runs.check(exchange.json(RunBody.class));
        throw Refusal.invalidInput(NO_EXECUTOR);
    }

    private void show(Exchange exchange) throws IOException {
        send(exchange, 200, runs.get(id(exchange)));
    }

    private void update(Exchange exchange) throws IOException {
        RunUpdate update = exchange.json(RunUpdate.class);
        long id = id(exchange);
        if (update.id() != null && update.id() != 0 && update.id() != id) {
            throw Refusal.badRequest(
                    "the id in the body, %d, is not that of the path".formatted(update.id()));
        }
        send(
                exchange,
                200,
                runs.setTags(id, Parameters.ifMatch(exchange), Parameters.noNulls(update.tags())));
    }

    private void cancel(Exchange exchange) throws IOException {
        send(exchange, 202, runs.cancel(id(exchange)));
    }

    private static void noLogs(Exchange exchange) {
        throw Refusal.notFound();
    }

    private void sweep(Exchange exchange) throws IOException {
        buffers.sweep();
        exchange.send(200);
    }
}
