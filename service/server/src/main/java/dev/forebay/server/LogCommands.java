package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Deletion;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.EventQuery;
import dev.forebay.datalog.EventsAndComments;
import dev.forebay.datalog.Ledger;
import dev.forebay.datalog.LogStatus;
import dev.forebay.datalog.PageSummary;
import dev.forebay.datalog.Recorded;
import dev.forebay.datalog.TimeRange;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.identity.Login;
import dev.forebay.identity.Users;
import dev.forebay.wire.log.LogEntries;
import dev.forebay.wire.log.LogLogin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@code forebay log} asks of a running server, as JSON below {@code /log/v1}. A client gets
 * its token for a name and a password at {@code /log/v1/login}; everything else needs that token.
 * Times are nanoseconds since 1970.
 */
final class LogCommands {
    /** The largest blob that is taken here; larger ones come over gRPC. */
    private static final int LARGEST_BLOB = 64 << 20;

    private static final int BAD = 400;

    private final DataLog log;
    private final Users users;
    private final Clock clock;
    private final MemoryBudget memory;

    LogCommands(DataLog log, Users users, Clock clock, MemoryBudget memory) {
        this.log = log;
        this.users = users;
        this.clock = clock;
        this.memory = memory;
    }

    /** An endpoint that knows who asks. */
    private interface Guarded {
        void answer(Exchange exchange, String user) throws IOException;
    }

    private Route guarded(String method, String path, Guarded endpoint) {
        return Route.unversioned(
                method,
                "/log/v1/" + path,
                exchange -> endpoint.answer(exchange, LogFace.user(users, exchange)));
    }

    List<Route> routes() {
        return List.of(
                Route.unversioned("POST", "/log/v1/login", this::login),
                guarded("GET", "status", this::status),
                guarded("GET", "pages", this::pages),
                guarded("GET", "next-to-go", this::nextToGo),
                guarded("DELETE", "pages", this::delete),
                guarded("GET", "events", this::events),
                guarded("POST", "entries", this::entries),
                guarded("POST", "blobs", this::blob));
    }

    private void login(Exchange exchange) throws IOException {
        LogLogin given = exchange.json(LogLogin.class);
        switch (users.login(given.user(), given.password(), exchange.client())) {
            case Login.Granted granted ->
                    exchange.with("Cache-Control", "no-store")
                            .sendJson(200, Map.of("token", granted.token()));
            case Login.WrongPassword _ ->
                    throw new LogRefusal(401, "Unauthorized: the name or the password is wrong");
            case Login.LockedOut locked ->
                    throw new LogRefusal(
                            429,
                            "too many wrong passwords; the next attempt is looked at from %s on"
                                    .formatted(locked.until()));
            case Login.Busy _ ->
                    throw new LogRefusal(503, "too many passwords are being checked; try again");
        }
    }

    private static LogParameters parameters(Exchange exchange, String... known) {
        return new LogParameters(exchange.query(), Set.of(known), BAD);
    }

    private void status(Exchange exchange, String user) throws IOException {
        LogStatus status = log.status();
        Ledger ledger = log.ledger();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("pages", status.pages());
        answer.put("bytes", status.bytes());
        answer.put("comments", status.comments());
        answer.put("events", status.events());
        answer.put("damaged", status.damaged());
        answer.put("taken", ledger.taken());
        answer.put("held", ledger.held());
        answer.put("lost", ledger.lost());
        answer.put("refused", ledger.refused());
        answer.put(
                "blobs",
                status.blobs().stream()
                        .map(key ->
                                Map.of(
                                        "channel", key.channel(),
                                        "type", key.type(),
                                        "source", key.source()))
                        .toList());
        exchange.sendJson(200, answer);
    }

    private void pages(Exchange exchange, String user) throws IOException {
        exchange.sendJson(200, rows(log.pages(parameters(exchange).range())));
    }

    private void nextToGo(Exchange exchange, String user) throws IOException {
        exchange.sendJson(200, rows(log.nextToGo()));
    }

    private static List<Map<String, Object>> rows(List<PageSummary> pages) {
        return pages.stream()
                .map(page -> {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("id", page.id());
                    page.range()
                            .ifPresent(range -> {
                                row.put("from", range.from());
                                row.put("to", range.to());
                            });
                    row.put("bytes", page.bytes());
                    row.put("entries", page.entries());
                    row.put("open", page.open());
                    row.put("preserve", page.preserve());
                    return row;
                })
                .toList();
    }

    private void delete(Exchange exchange, String user) throws IOException {
        LogParameters parameters = parameters(exchange, "id");
        List<Long> ids = new ArrayList<>();
        for (String id : parameters.all("id")) {
            if (!id.matches("[0-9]{1,18}")) {
                throw parameters.refuse("'id' is not the number of a page; 'pages' lists them");
            }
            ids.add(Long.parseLong(id));
        }
        TimeRange range = parameters.range();
        if (ids.isEmpty() && range.equals(TimeRange.ALL)) {
            throw parameters.refuse("expected an 'id' or a span of the pages that are to go");
        }
        Deletion deleted =
                log.delete(
                        range.equals(TimeRange.ALL) ? Optional.empty() : Optional.of(range), ids);
        Map<String, String> outcomes = new LinkedHashMap<>();
        deleted.pages().forEach((id, outcome) -> outcomes.put(id.toString(), outcome.name()));
        exchange.sendJson(200, Map.of("bytes", deleted.bytes(), "pages", outcomes));
    }

    private void events(Exchange exchange, String user) throws IOException {
        LogParameters parameters = parameters(exchange, "type", "source", "level", "max");
        int max = parameters.one("max").map(text -> max(parameters, text)).orElse(EventQuery.MOST);
        EventQuery.EventSpec spec =
                new EventQuery.EventSpec(
                        parameters.one("source").orElse(""),
                        parameters.one("type").orElse(""),
                        parameters.level("level"),
                        false);
        EventsAndComments found =
                log.events(new EventQuery(parameters.range(), List.of(spec), true, max, max));
        exchange.sendJson(
                200,
                Map.of(
                        "events", decoded(KnownMessages.EVENT, found.events()),
                        "comments", decoded(KnownMessages.COMMENT, found.comments()),
                        "eventsLimited", found.eventsLimited(),
                        "commentsLimited", found.commentsLimited()));
    }

    private static int max(LogParameters parameters, String text) {
        if (!text.matches("[0-9]{1,4}") || text.matches("0+")) {
            throw parameters.refuse("'max' is not 1 to " + EventQuery.MOST);
        }
        return Math.min(Integer.parseInt(text), EventQuery.MOST);
    }

    private static List<Map<String, @Nullable Object>> decoded(
            String type, List<ByteBuffer> messages) {
        return messages.stream()
                .map(message -> KnownMessages.decode(type, message))
                .flatMap(Optional::stream)
                .toList();
    }

    private void entries(Exchange exchange, String user) throws IOException {
        LogEntries given = exchange.json(LogEntries.class);
        List<Entry> entries = new ArrayList<>();
        add(entries, KnownMessages.TEXT, given.texts(), Entry.Text::new);
        add(entries, KnownMessages.COMMENT, given.comments(), Entry.Comment::new);
        add(entries, KnownMessages.EVENT, given.events(), Entry.Event::new);
        if (entries.isEmpty()) {
            throw new LogRefusal(BAD, "expected texts, comments or events, found none");
        }
        answer(exchange, log.record(entries, durability(given.sync())));
    }

    private static void add(
            List<Entry> entries,
            String type,
            @Nullable List<Map<String, Object>> messages,
            Function<ByteBuffer, Entry> make) {
        for (Map<String, Object> message :
                messages == null ? List.<Map<String, Object>>of() : messages) {
            try {
                entries.add(make.apply(KnownMessages.encode(type, message)));
            } catch (IllegalArgumentException e) {
                throw new LogRefusal(BAD, type + ": " + e.getMessage());
            }
        }
    }

    private static Durability durability(boolean sync) {
        return sync ? Durability.SYNCED : Durability.WRITTEN;
    }

    private void blob(Exchange exchange, String user) throws IOException {
        LogParameters parameters = parameters(exchange, "channel", "type", "time_nsec", "sync");
        if (exchange.contentLength() > LARGEST_BLOB) {
            throw Refusal.tooLarge(LARGEST_BLOB);
        }
        if (exchange.contentLength() < 0) {
            throw new LogRefusal(411, "expected a Content-Length, found none");
        }
        int length = (int) exchange.contentLength();
        try (BudgetClaim _ = BudgetClaim.of(memory, "a blob", 2L * length, clock)) {
            ByteBuffer body = ByteBuffer.allocate(length);
            exchange.readBody(length, body::put);
            record(exchange, parameters, user, body.flip());
        }
    }

    private void record(
            Exchange exchange, LogParameters parameters, String user, ByteBuffer payload)
            throws IOException {
        Entry blob =
                new Entry.Blob(
                        parameters
                                .one("time_nsec")
                                .map(text -> OptionalLong.of(nanos(parameters, text)))
                                .orElse(OptionalLong.empty()),
                        parameters.one("channel").orElse(""),
                        parameters.one("type").orElse(""),
                        user,
                        payload);
        boolean sync = parameters.one("sync").map("true"::equals).orElse(false);
        answer(exchange, log.record(List.of(blob), durability(sync)));
    }

    private static long nanos(LogParameters parameters, String text) {
        if (!text.matches("-?[0-9]{1,18}[0-9]?")) {
            throw parameters.refuse("'time_nsec' is not a number of nanoseconds since 1970");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw parameters.refuse("'time_nsec' is not between the years 1677 and 2262");
        }
    }

    /** What became of entries; those that were refused are named, with status 422. */
    private static void answer(Exchange exchange, Recorded recorded) throws IOException {
        if (!recorded.refusals().isEmpty()) {
            throw new LogRefusal(
                    422,
                    "entry %d was refused: %s"
                            .formatted(
                                    recorded.refusals().getFirst().index(),
                                    recorded.refusals().getFirst().message()));
        }
        exchange.sendJson(200, Map.of("durability", recorded.durability().word()));
    }
}
