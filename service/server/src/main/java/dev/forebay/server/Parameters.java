package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.control.TimeRange;
import dev.forebay.wire.Times;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What requests of the control plane have in common: limits and links of pages, filters by tags,
 * and presumed versions; source: sections 2.7 to 2.9 of the reference's protocol.
 */
final class Parameters {
    private static final int DEFAULT_LIMIT = 20;

    private Parameters() {}

    /** How many things a page may have. */
    static int limit(Exchange exchange) {
        String text = exchange.query("limit").orElse("");
        if (text.isEmpty()) {
            return DEFAULT_LIMIT;
        }
        int limit;
        try {
            // What Java takes for a digit is one in any script.
            limit = Integer.parseInt(US_ASCII.newEncoder().canEncode(text) ? text : "");
        } catch (NumberFormatException e) {
            throw Refusal.badRequest("limit must be an integer, not '" + text + "'");
        }
        if (limit < 0) {
            throw Refusal.invalidInput("Limit must be a non-negative integer.");
        }
        return limit;
    }

    /**
     * The same request, from there on: a path below the root, with all its parameters, and with the
     * version also where {@code /v1} stood for it.
     */
    static String nextLink(Exchange exchange, String path, String token) {
        StringBuilder link = new StringBuilder(path).append("?api-version=1.0&");
        exchange.query()
                .forEach((name, values) -> {
                    boolean own =
                            name.equalsIgnoreCase("_ct") || name.equalsIgnoreCase("api-version");
                    for (String value : own ? List.<String>of() : values) {
                        link.append(encoded(name)).append('=').append(encoded(value)).append('&');
                    }
                });
        return link.append("_ct=").append(encoded(token)).toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    /**
     * The filters {@code word[key]=value}. Names of parameters have no case; the names of tags in
     * them have. A filter that is spelt wrong is refused, since without it a bulk call would mean
     * everything.
     */
    static Map<String, String> tags(Exchange exchange, String word) {
        Map<String, String> tags = new HashMap<>();
        exchange.query()
                .forEach((name, values) -> {
                    if (name.regionMatches(true, 0, word, 0, word.length())) {
                        String key = name.substring(word.length());
                        if (!key.startsWith("[") || !key.endsWith("]")) {
                            throw Refusal.badRequest(
                                    "expected " + word + "[key]=value, found '" + name + "'");
                        }
                        tags.putIfAbsent(key.substring(1, key.length() - 1), values.getFirst());
                    }
                });
        return tags;
    }

    /** The keys of {@code hasTag=key}: tags with any value. */
    static Set<String> tagKeys(Exchange exchange) {
        return new HashSet<>(values(exchange, "hasTag"));
    }

    static List<String> values(Exchange exchange, String name) {
        return exchange.query().getOrDefault(name, List.of());
    }

    /** When things were made: after {@code since} and {@code createdAfter}. */
    static TimeRange created(Exchange exchange) {
        TimeRange range = range(exchange, "createdAfter", "createdBefore");
        Optional<Instant> after =
                Stream.of(time(exchange, "since"), range.after())
                        .flatMap(Optional::stream)
                        .max(Instant::compareTo);
        return new TimeRange(after, range.before());
    }

    static TimeRange range(Exchange exchange, String after, String before) {
        return new TimeRange(time(exchange, after), time(exchange, before));
    }

    static Optional<Instant> time(Exchange exchange, String name) {
        try {
            return exchange.query(name).map(Times::parse);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(name + " is " + e.getMessage());
        }
    }

    /** JSON may name a tag and give it null. */
    static Map<String, String> noNulls(@Nullable Map<String, @Nullable String> tags) {
        Map<String, String> given = new HashMap<>();
        if (tags != null) {
            tags.forEach((key, value) -> {
                if (value == null) {
                    throw Refusal.invalidInput(
                            "expected a text as the value of the tag '" + key + "', found null");
                }
                given.put(key, value);
            });
        }
        return given;
    }

    /** The version that a change presumes, with or without quotes. */
    static Optional<String> ifMatch(Exchange exchange) {
        return Optional.ofNullable(exchange.header("If-Match")).map(Parameters::unquoted);
    }

    private static String unquoted(String eTag) {
        boolean quoted = eTag.length() > 1 && eTag.startsWith("\"") && eTag.endsWith("\"");
        return quoted ? eTag.substring(1, eTag.length() - 1) : eTag;
    }
}
