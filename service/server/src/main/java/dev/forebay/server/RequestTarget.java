package dev.forebay.server;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes: the path, decoded and without {@code /v1}, and the decoded query. Names of
 * the query are compared without case, except for what they hold in brackets, the keys of tags.
 */
record RequestTarget(String path, boolean legacy, Map<String, List<String>> query) {
    private static final String LEGACY = "/v1/";
    private static final Comparator<String> NAMES =
            Comparator.comparing(RequestTarget::word, String.CASE_INSENSITIVE_ORDER)
                    .thenComparing(name -> name.substring(word(name).length()));

    /** Reads a target; throws a {@link Refusal} if it cannot be decoded. */
    static RequestTarget parse(String rawPath, @Nullable String rawQuery) {
        boolean legacy = rawPath.startsWith(LEGACY);
        String path =
                decode(
                        (legacy ? rawPath.substring(LEGACY.length() - 1) : rawPath)
                                .replace("+", "%2B"));
        if (!path.startsWith("/")) {
            throw Refusal.badRequest("the path must begin with a slash");
        }
        Map<String, List<String>> query = new TreeMap<>(NAMES);
        if (rawQuery != null) {
            for (String pair : rawQuery.split("&", -1)) {
                if (!pair.isEmpty()) {
                    int equals = pair.indexOf('=');
                    String name = equals < 0 ? pair : pair.substring(0, equals);
                    String value = equals < 0 ? "" : pair.substring(equals + 1);
                    query.computeIfAbsent(decode(name), any -> new ArrayList<>())
                            .add(decode(value));
                }
            }
        }
        return new RequestTarget(path, legacy, query);
    }

    private static String word(String name) {
        int bracket = name.indexOf('[');
        return bracket < 0 ? name : name.substring(0, bracket);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("a percent sign in the URL is not followed by two hex digits");
        }
    }
}
