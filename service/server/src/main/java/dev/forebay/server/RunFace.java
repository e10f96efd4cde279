package dev.forebay.server;

import dev.forebay.control.Buffers;
import dev.forebay.control.Run;
import dev.forebay.control.RunFilter;
import dev.forebay.control.RunFollower;
import dev.forebay.control.RunPage;
import dev.forebay.control.RunService;
import dev.forebay.control.Runs;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.RunStatus;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.Page;
import dev.forebay.wire.control.RunBody;
import dev.forebay.wire.control.RunUpdate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The control plane's routes for runs.
 *
 * <p><b>Limit.</b> On a server without an executor, what is asked to be executed is checked and
 * then refused, and there are no logs. A request that follows a run has a virtual thread.
 *
 * <p>Source: sections 2.11, 4.6 and 4.7 of the reference's protocol. The search goes beyond it:
 * expressions over the status, tags by their keys, ranges of times, and the codespec.
 */
final class RunFace implements Face {
    private static final Pattern OWN = Pattern.compile("(/v1)?/runs(/.*)?");
    private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(3);
    private static final Pattern ID = Pattern.compile("[0-9]{1,18}");

    private final RunService service;
    private final Runs runs;
    private final Buffers buffers;
    private final FollowingRequests requests = new FollowingRequests();

    RunFace(RunService service, Runs runs, Buffers buffers) {
        this.service = service;
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
                Route.of("GET", "/runs/{id}/logs", this::logs));
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
        requests.release();
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
                RunFilter.states(Parameters.values(exchange, "status")),
                Parameters.tags(exchange, "tag"),
                Parameters.tagKeys(exchange),
                exchange.query("codespec"),
                Parameters.created(exchange),
                Parameters.range(exchange, "finishedAfter", "finishedBefore"));
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
            counts.put(each.getKey().text().toLowerCase(Locale.ROOT), each.getValue());
        }
        exchange.sendJson(200, counts);
    }

    private void create(Exchange exchange) throws IOException {
        RunBody asked = exchange.json(RunBody.class);
        Optional<String> key =
                Optional.ofNullable(exchange.header("Idempotency-Key"))
                        .filter(text -> !text.isEmpty());
        Optional<Run> earlier =
                flag(exchange, "reuse") ? service.answer(asked, key) : Optional.empty();
        Run run = earlier.orElseGet(() -> service.create(asked, key));
        exchange.with("Location", "/runs/" + run.id());
        send(exchange, earlier.isPresent() ? 200 : 201, run);
    }

    private void show(Exchange exchange) throws IOException {
        if (flag(exchange, "watch")) {
            watch(exchange, id(exchange));
        } else {
            send(exchange, 200, runs.get(id(exchange)));
        }
    }

    /** Sends the run now and after each change, a line each, until it has ended. */
    private void watch(Exchange exchange, long id) throws IOException {
        try (RunFollower changes = service.follow(id);
                FollowingRequests.Following following = requests.begin(exchange)) {
            Run run = runs.get(id);
            exchange.setStatus(200);
            exchange.chunked().with("Content-Type", Exchange.JSON);
            exchange.write(false, line(run));
            while (!run.state().status().isFinal()) {
                following.await(() -> {
                    changes.await();
                    return changes;
                });
                Run now = runs.get(id);
                if (!now.eTag().equals(run.eTag())) {
                    exchange.write(false, line(now));
                }
                run = now;
            }
            exchange.write(true, null);
        } catch (InterruptedException e) {
            throw leftOrStopping(e);
        }
    }

    private static ByteBuffer line(Run run) {
        byte[] json = Json.write(run.body());
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return ByteBuffer.wrap(line);
    }

    /** Breaks the answer off, so that the client asks again if it is still there. */
    private static IOException leftOrStopping(InterruptedException e) {
        return (IOException) new InterruptedIOException(e.getMessage()).initCause(e);
    }

    private static boolean flag(Exchange exchange, String name) {
        String text = exchange.query(name).orElse("false");
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw Refusal.badRequest(
                            "%s must be true or false, not '%s'".formatted(name, text));
        };
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
                service.setTags(
                        id, Parameters.ifMatch(exchange), Parameters.noNulls(update.tags())));
    }

    /**
     * The reference calls a run Canceled at once, while its program still runs. Here the answer
     * waits for the end, so that it says Canceled of nearly every run and is true of all.
     */
    private void cancel(Exchange exchange) throws IOException {
        long id = id(exchange);
        try (RunFollower changes = service.follow(id);
                FollowingRequests.Following following = requests.begin(exchange)) {
            Run run = service.cancel(id);
            long deadline = changes.deadline(CANCEL_PATIENCE);
            boolean more = service.capabilities().isPresent();
            while (more && !run.state().status().isFinal()) {
                more = awaitChange(changes, deadline, following);
                run = runs.get(id);
            }
            send(exchange, 202, run);
        }
    }

    /** False if there is no time for another, or no client to answer. */
    private static boolean awaitChange(
            RunFollower changes, long deadline, FollowingRequests.Following following) {
        try {
            return following.await(() -> changes.await(deadline));
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void logs(Exchange exchange) throws IOException {
        boolean follow = flag(exchange, "follow");
        boolean times = flag(exchange, "timestamps");
        LogQuery query = new LogQuery(Parameters.time(exchange, "since"), tail(exchange), follow);
        try (LogReader lines = service.logs(id(exchange), query);
                FollowingRequests.Following following = requests.begin(exchange)) {
            new RunLogAnswer(exchange, times, follow).send(lines, following);
        } catch (InterruptedException e) {
            throw leftOrStopping(e);
        }
    }

    private static OptionalLong tail(Exchange exchange) {
        String text = exchange.query("tailLines").orElse("");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!ID.matcher(text).matches()) {
            throw Refusal.badRequest(
                    "tailLines must be an integer of 0 or more, not '%s'".formatted(text));
        }
        return OptionalLong.of(Long.parseLong(text));
    }

    private void sweep(Exchange exchange) throws IOException {
        buffers.sweep();
        service.endWaiting(() -> false);
        exchange.send(200);
    }
}
