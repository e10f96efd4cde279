package dev.forebay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.wire.Times;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, each with an ampersand before it. For use by one thread. */
final class Query {
    private final StringBuilder text = new StringBuilder();

    /** Adds one, unless its value is null. */
    void add(String name, @Nullable String value) {
        if (value != null) {
            text.append('&').append(encoded(name)).append('=').append(encoded(value));
        }
    }

    void add(String name, @Nullable Instant time) {
        add(name, time == null ? null : Times.format(time));
    }

    /** Adds {@code word[key]=value} for each. */
    void addTags(String word, Map<String, String> tags) {
        tags.forEach((key, value) -> add("%s[%s]".formatted(word, key), value));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
