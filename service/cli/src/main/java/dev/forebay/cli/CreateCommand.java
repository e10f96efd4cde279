package dev.forebay.cli;

import dev.forebay.client.BufferInfo;
import dev.forebay.client.NewBuffer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a buffer that waits to be written. */
@Command(
        name = "create",
        description = "Create a buffer and print its ID.",
        footerHeading = "%nExample:%n",
        footer = "  id=$$(forebay buffer create --tag device=scanner-7 --ttl 30)",
        mixinStandardHelpOptions = true)
final class CreateCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private Printing printing;
    @Spec private CommandSpec spec;

    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            description =
                    "A tag; repeat for more, at most 100. Letters, digits and '-', '_', '.': 1 to 128 in the key, 0 to 256 in the value.")
    private List<Tag> tags = new ArrayList<>();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = OptionValues.Lifetime.class,
            description =
                    "How long it lives, such as 30d, 12h or 7.12:30; a bare number is days; default: for ever.")
    private Duration ttl;

    @Option(
            names = "--location",
            paramLabel = "NAME",
            description = "Where its data is kept; default: where the server keeps it.")
    private String location;

    @Option(
            names = "--full-resource",
            description = "Print all of it, not the ID alone; --format does so, too.")
    private boolean full;

    @Override
    public Integer call() throws IOException {
        Instant end = ttl == null ? null : Expiry.after(ttl);
        BufferInfo made =
                session.client().create(new NewBuffer(Tag.map("--tag", tags), end, location));
        if (full || printing.isChosen()) {
            printing.one(made);
        } else {
            Shell.of(spec).out().println(made.id());
        }
        return 0;
    }
}
