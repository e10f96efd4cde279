package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which buffers a command is about. */
final class Filters {
    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            description = "Those with this tag; repeat for those with all of them.")
    private List<Tag> tags = new ArrayList<>();

    @Option(
            names = "--exclude-tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            description = "Not those with this tag; repeat for those with none of them.")
    private List<Tag> excludeTags = new ArrayList<>();

    boolean hasTags() {
        return !tags.isEmpty();
    }

    boolean excludes() {
        return !excludeTags.isEmpty();
    }

    /** Parameters of a query, each with an ampersand before it. */
    String query() {
        StringBuilder query = new StringBuilder();
        Tag.map(tags)
                .forEach((key, value) ->
                        query.append('&')
                                .append(encoded("tag[" + key + "]"))
                                .append('=')
                                .append(encoded(value)));
        Tag.map(excludeTags)
                .forEach((key, value) ->
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
