package dev.forebay.cli;

import dev.forebay.client.BufferFilter;
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

    BufferFilter filter(boolean softDeleted) {
        return new BufferFilter(
                Tag.map("--tag", tags), Tag.map("--exclude-tag", excludeTags), softDeleted);
    }
}
