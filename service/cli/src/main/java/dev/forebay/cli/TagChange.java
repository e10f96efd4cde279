package dev.forebay.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of the commands that change tags. */
final class TagChange {
    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            description = "A tag to set; repeat for more. The other tags stay.")
    private List<Tag> tags = new ArrayList<>();

    @Option(names = "--clear-tags", description = "Remove all tags but those given with --tag.")
    private boolean clear;

    /** Whether neither option was given. */
    boolean isEmpty() {
        return tags.isEmpty() && !clear;
    }

    /** Whether the tags that are there go. */
    boolean clears() {
        return clear;
    }

    /** All tags after the change of {@code now}. */
    Map<String, String> applyTo(Map<String, String> now) {
        Map<String, String> then = new LinkedHashMap<>(clear ? Map.of() : now);
        then.putAll(Tag.map("--tag", tags));
        return then;
    }
}
