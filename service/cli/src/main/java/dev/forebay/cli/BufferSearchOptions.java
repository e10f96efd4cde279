package dev.forebay.cli;

import dev.forebay.client.BufferFilter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Which buffers are listed or counted. Commands that change buffers have {@link Filters} instead: a
 * server that does not know a filter by key or time would change too many.
 */
final class BufferSearchOptions {
    @Mixin private SearchOptions search;

    @Option(
            names = "--exclude-tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            description = "Not those with this tag; repeat for those with none of them.")
    private List<Tag> excludeTags = new ArrayList<>();

    BufferFilter filter(boolean softDeleted) {
        return new BufferFilter(
                search.tags(),
                Tag.map("--exclude-tag", excludeTags),
                softDeleted,
                search.tagKeys(),
                search.createdAfter(),
                search.createdBefore());
    }
}
