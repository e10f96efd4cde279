package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which buffers a command is about. */
final class Filters {
    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            description = "Those with this tag; repeat for those with all of them.")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(
            names = "--exclude-tag",
            paramLabel = "K=V",
            split = ",",
            description = "Not those with this tag; repeat for those with none of them.")
    private Map<String, String> excludeTags = new LinkedHashMap<>();

    boolean hasTags() {
        return !tags.isEmpty();
    }

    boolean excludes() {
        return !excludeTags.isEmpty();
    }

    /** Parameters of a query, each with an ampersand before it. */
    String query() {
        StringBuilder query = new StringBuilder();
        tags.forEach((key, value) ->
                query.append('&')
                        .append(encoded("tag[" + key + "]"))
                        .append('=')
                        .append(encoded(value)));
        excludeTags.forEach((key, value) ->
                query.append('&')
                        .append(encoded("excludeTag[" + key + "]"))
                        .append('=')
                        .append(encoded(value)));
        return query.toString();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
