package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.NotEnoughMemoryException;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogException;
import dev.forebay.datalog.Download;
import dev.forebay.datalog.TimeRange;
import dev.forebay.identity.Users;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The data log over HTTP: downloads as section 7 of the reference's data buffer has them, and
 * {@link LogCommands}.
 *
 * <p><b>Guarantee.</b> Every request needs the token of a user, from wherever it comes. A download
 * is streamed, never whole in memory, and ends when its client leaves. What is stored is never a
 * page of this server's origin.
 *
 * <p><b>Limit.</b> A download whose page goes, or whose client leaves, is cut off: its checksum is
 * missing then.
 *
 * <p>Errors are plain text that the clients of the reference show as it is.
 */
final class LogFace implements Face {
    private static final Pattern OWN = Pattern.compile("/v1/data-buffer(/.*)?|/log/v1(/.*)?");
    private static final Set<String> FILTERS =
            Set.of(
                    "type",
                    "channel",
                    "schema_name",
                    "schema_source",
                    "grpc_service",
                    "event_level_min");
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String BEARER = "Bearer ";

    /** The status that the reference names for bad parameters, with the words of another. */
    static final int BAD_SPAN = 403;

    private final DataLog log;
    private final Users users;
    private final Clock clock;
    private final int badSpan;
    private final LogCommands commands;

    /**
     * @param badSpan the status of a request whose parameters are not as they must be: 403 as the
     *     reference says, or 400
     */
    LogFace(DataLog log, Users users, Clock clock, MemoryBudget memory, int badSpan) {
        this.log = log;
        this.users = users;
        this.clock = clock;
        this.badSpan = badSpan;
        commands = new LogCommands(log, users, clock, memory);
    }

    @Override
    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        download(routes, "bddf", this::bddf);
        download(routes, "messages", this::messages);
        download(routes, "daq-data", this::captures);
        routes.add(Route.unversioned("GET", "/log/v1/download", ofUser(this::anySpan)));
        routes.add(Route.unversioned("GET", "/log/v1/tail", ofUser(this::tail)));
        routes.addAll(commands.routes());
        return List.copyOf(routes);
    }

    /** The path of a download ends with a slash; clients that leave it out are served, too. */
    private void download(List<Route> routes, String name, Endpoint endpoint) {
        routes.add(Route.unversioned("GET", "/data-buffer/" + name + "/", ofUser(endpoint)));
        routes.add(Route.unversioned("GET", "/data-buffer/" + name, ofUser(endpoint)));
    }

    private Endpoint ofUser(Endpoint endpoint) {
        return exchange -> {
            user(users, exchange);
            endpoint.answer(exchange);
        };
    }

    /** The user whose token a request has. */
    static String user(Users users, Exchange exchange) {
        String given = Optional.ofNullable(exchange.header("Authorization")).orElse("");
        boolean bearer = given.regionMatches(true, 0, BEARER, 0, BEARER.length());
        Optional<String> user =
                bearer ? users.userOf(given.substring(BEARER.length()).strip()) : Optional.empty();
        return user.orElseThrow(() ->
                new LogRefusal(
                        401,
                        bearer
                                ? "Unauthorized: the token is not valid, or not any more; log in again"
                                : "Unauthorized: expected 'Authorization: Bearer TOKEN' with the"
                                        + " token of a user; 'forebay user add' makes users"));
    }

    private long now() {
        Instant wall = clock.wall();
        return TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano();
    }

    private void bddf(Exchange exchange) throws IOException {
        LogParameters parameters = new LogParameters(exchange.query(), FILTERS, badSpan);
        send(exchange, parameters, parameters.hour(now()));
    }

    /** A download of any span, for the command line, which cuts nothing into hours. */
    private void anySpan(Exchange exchange) throws IOException {
        LogParameters parameters = new LogParameters(exchange.query(), FILTERS, badSpan);
        send(exchange, parameters, parameters.range());
    }

    private void tail(Exchange exchange) throws IOException {
        Set<String> known = new HashSet<>(FILTERS);
        known.add("position");
        LogTail.send(exchange, log, new LogParameters(exchange.query(), known, 400));
    }

    private void send(Exchange exchange, LogParameters parameters, TimeRange range)
            throws IOException {
        Download download = log.download(parameters.filter(range));
        if (download.emptyPayloads() == 0 && download.isEmpty()) {
            exchange.send(204);
            return;
        }
        stream(exchange, "application/octet-stream", name(range) + ".bddf", download::writeTo);
    }

    /** Writes a body. */
    interface Body {
        void writeTo(WritableByteChannel target) throws IOException;
    }

    /** Answers with a file that is written while it is sent. */
    static void stream(Exchange exchange, String type, String name, Body file) throws IOException {
        guard(exchange)
                .with("Content-Type", type)
                .with("Content-Disposition", "attachment; filename=\"%s\"".formatted(name))
                .setStatus(200);
        try (AnswerChannel body = new AnswerChannel(exchange)) {
            try {
                file.writeTo(body);
            } catch (IOException e) {
                body.throwFault(); // The client left; any other fault is the log's.
                throw new UncheckedIOException("a download failed", e);
            }
            body.finish();
        }
    }

    /** What browsers must know of stored bytes: they are no page, whatever they look like. */
    static Exchange guard(Exchange exchange) {
        return exchange.with("X-Content-Type-Options", "nosniff")
                .with("Content-Security-Policy", "sandbox");
    }

    private static String name(TimeRange range) {
        if (range.from() == Long.MIN_VALUE) {
            return "log";
        }
        return "log-"
                + NAME.format(
                        Instant.ofEpochSecond(
                                Math.floorDiv(range.from(), TimeUnit.SECONDS.toNanos(1))));
    }

    private void messages(Exchange exchange) throws IOException {
        LogParameters parameters = new LogParameters(exchange.query(), Set.of("type"), badSpan);
        LogMessages.send(exchange, log, parameters, now());
    }

    private void captures(Exchange exchange) throws IOException {
        LogParameters parameters = new LogParameters(exchange.query(), Set.of("channel"), badSpan);
        LogCaptures.send(exchange, log, parameters);
    }

    @Override
    public boolean owns(String path) {
        return OWN.matcher(path).matches();
    }

    @Override
    public boolean guarded() {
        return true;
    }

    @Override
    public boolean takesAnyHost() {
        return true;
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return switch (fault) {
            case LogRefusal e -> {
                ErrorAnswer answer = ErrorAnswer.text(e.status(), sentence(e));
                yield e.status() == 401 ? answer.with("WWW-Authenticate", "Bearer") : answer;
            }
            case Refusal e -> ErrorAnswer.text(e.status(), sentence(e));
            case MalformedRequest e -> ErrorAnswer.text(e.status(), sentence(e));
            case DataLogException e -> ofLog(e);
            case NotEnoughMemoryException _, OutOfMemoryError _ ->
                    ErrorAnswer.text(503, Words.NO_MEMORY).logged(Optional.of("no memory"));
            default -> ErrorAnswer.text(500, Words.FAULT);
        };
    }

    private static String sentence(Throwable fault) {
        return String.valueOf(fault.getMessage());
    }

    private static ErrorAnswer ofLog(DataLogException e) {
        return switch (e.fault()) {
            case CLOSED -> ErrorAnswer.text(503, Words.STOPPING);
            case INVALID -> ErrorAnswer.text(400, sentence(e));
            case IO, FAILED, DAMAGED ->
                    ErrorAnswer.text(500, "the log of the server failed; its own log says how")
                            .logged(Optional.of("data log " + e.fault()));
        };
    }

    @Override
    public void close() {
        // No request waits here.
    }
}
