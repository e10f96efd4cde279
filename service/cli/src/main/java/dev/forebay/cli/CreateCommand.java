package dev.forebay.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
    @Spec private CommandSpec spec;

    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            description =
                    "A tag; repeat for more, at most 100. Letters, digits and '-', '_', '.': 1 to 128 in the key, 0 to 256 in the value.")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(
            names = "--ttl",
            paramLabel = "D[.HH[:MM[:SS]]]",
            converter = Values.Lifetime.class,
            description = "How long it lives, in days and parts of one; default: for ever.")
    private Duration ttl;

    @Option(
            names = "--location",
            paramLabel = "NAME",
            description = "Where its data is kept; default: where the server keeps it.")
    private String location;

    @Option(names = "--full-resource", description = "Print all of it, as JSON.")
    private boolean full;

    @Override
    public Integer call() throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("tags", tags);
        if (location != null) {
            body.put("location", location);
        }
        if (ttl != null) {
            body.put("expiresAt", Expiry.after(ttl));
        }
        byte[] answer = new Catalogue(session.client()).all("POST", "", body);
        spec.commandLine()
                .getOut()
                .println(full ? Catalogue.indented(answer) : Catalogue.object(answer).get("id"));
        return 0;
    }
}
