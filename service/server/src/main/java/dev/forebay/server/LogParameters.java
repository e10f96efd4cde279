package dev.forebay.server;

import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.TimeRange;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The parameters of requests to the log. What they say is judged on the numbers as they were given;
 * {@code to_sec} then covers the whole of its second.
 *
 * <p>Source: section 7 of the reference's data buffer. Immutable.
 */
final class LogParameters {
    /** The longest span of a download: exactly this is allowed. */
    static final Duration LONGEST = Duration.ofHours(1);

    /**
     * How much longer a span without an end may be: clients ask for the last hour and send its
     * beginning, in whole seconds and by their own clocks.
     */
    private static final Duration LATE = Duration.ofMinutes(1);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int HIGHEST_LEVEL = 5;
    private static final List<String> LEVELS =
            List.of("UNSET", "LOW", "MEDIUM", "HIGH", "MISSION_CRITICAL", "SYSTEM_CRITICAL");

    static final Set<String> SPAN = Set.of("from_sec", "from_nsec", "to_sec", "to_nsec");

    private final Map<String, List<String>> query;
    private final int refusal;

    /**
     * @param query names and values, decoded
     * @param known the names that the request may have beside those of a span
     * @param refusal the status of a request that is not as it must be
     */
    LogParameters(Map<String, List<String>> query, Set<String> known, int refusal) {
        this.query = query;
        this.refusal = refusal;
        for (String name : query.keySet()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!SPAN.contains(lower) && !known.contains(lower)) {
                Set<String> all = new TreeSet<>(SPAN);
                all.addAll(known);
                throw refuse("the parameter '%s' is unknown; known are %s".formatted(name, all));
            }
        }
    }

    LogRefusal refuse(String sentence) {
        return new LogRefusal(refusal, "Bad Request: " + sentence);
    }

    Set<String> all(String name) {
        return Set.copyOf(query.getOrDefault(name, List.of()));
    }

    Optional<String> one(String name) {
        List<String> values = query.getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw refuse("'%s' is given %d times; expected once".formatted(name, values.size()));
        }
        return values.stream().findFirst();
    }

    /** A time as it was given. */
    private record Given(long nanos, boolean second) {}

    private Optional<Given> time(String which) {
        String seconds = which + "_sec";
        String nanos = which + "_nsec";
        Optional<String> bySecond = one(seconds);
        Optional<String> byNano = one(nanos);
        if (bySecond.isPresent() && byNano.isPresent()) {
            throw refuse("'%s' and '%s' are both given; expected one".formatted(seconds, nanos));
        }
        return bySecond.map(text -> new Given(number(seconds, text, SECOND), true))
                .or(() -> byNano.map(text -> new Given(number(nanos, text, 1), false)));
    }

    private long number(String name, String text, long unit) {
        if (text.matches("-?[0-9]{1,19}")) {
            try {
                return Math.multiplyExact(Long.parseLong(text), unit);
            } catch (NumberFormatException | ArithmeticException e) {
                throw refuse(
                        "'%s' is %s, which is not between the years 1677 and 2262"
                                .formatted(name, text));
            }
        }
        throw refuse(
                "'%s' is '%s'; expected a whole number since 1970 UTC"
                        .formatted(name, shortened(text)));
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }

    /** The span of a download: it has a beginning, and no more than an hour. */
    TimeRange hour(long now) {
        Given from =
                time("from")
                        .orElseThrow(() ->
                                refuse(
                                        "expected 'from_sec' or 'from_nsec'; a span of at most "
                                                + LONGEST.toSeconds()
                                                + " seconds has to be given"));
        Optional<Given> to = time("to");
        long longest = LONGEST.toNanos();
        if (to.isEmpty()) {
            if (from.nanos < now - longest - LATE.toNanos()) {
                throw tooLong(now - from.nanos, "it has no end, so it ends now");
            }
            return range(from, new Given(Math.min(now, from.nanos + longest), false));
        }
        long span = to.get().nanos - from.nanos;
        if (span > longest || span < 0 && to.get().nanos > from.nanos) {
            throw tooLong(span, "ask for shorter spans, one after the other");
        }
        return range(from, to.get());
    }

    private LogRefusal tooLong(long span, String more) {
        return refuse(
                "the span is %s seconds, the longest is %d; %s"
                        .formatted(
                                span < 0
                                        ? "more than 292 years of"
                                        : java.math.BigDecimal.valueOf(span, 9)
                                                .stripTrailingZeros()
                                                .toPlainString(),
                                LONGEST.toSeconds(),
                                more));
    }

    /** A span of any length, open where nothing is given. */
    TimeRange range() {
        return range(
                time("from").orElse(new Given(Long.MIN_VALUE, false)),
                time("to").orElse(new Given(Long.MAX_VALUE, false)));
    }

    private TimeRange range(Given from, Given to) {
        long end =
                to.second ? to.nanos + Math.min(SECOND - 1, Long.MAX_VALUE - to.nanos) : to.nanos;
        if (end < from.nanos) {
            throw refuse("the span ends before it begins");
        }
        return new TimeRange(from.nanos, end);
    }

    /** The filters of a download in this span. */
    DownloadFilter filter(TimeRange range) {
        return new DownloadFilter(
                range,
                all("type"),
                all("channel"),
                all("schema_name"),
                all("schema_source"),
                level("event_level_min"),
                all("grpc_service"));
    }

    /** A level of events by its number or its name. */
    OptionalInt level(String name) {
        Optional<String> given = one(name);
        if (given.isEmpty()) {
            return OptionalInt.empty();
        }
        String text = given.get().toUpperCase(Locale.ROOT).replaceFirst("^LEVEL_", "");
        int level = LEVELS.indexOf(text);
        if (level < 0 && text.matches("[0-" + HIGHEST_LEVEL + "]")) {
            level = Integer.parseInt(text);
        }
        if (level < 0) {
            throw refuse(
                    "'%s' is '%s'; expected 0 to %d or one of %s"
                            .formatted(name, shortened(given.get()), HIGHEST_LEVEL, LEVELS));
        }
        return OptionalInt.of(level);
    }
}
