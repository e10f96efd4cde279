package dev.forebay.cli;

import dev.forebay.client.RemoteCodespecs;
import dev.forebay.client.TagSet;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Changes the tags of a codespec's name, or only prints them. Without {@code --clear-tags} the tags
 * there are stay, and those given are laid over them, on the version that was read.
 */
@Command(
        name = "set",
        description = "Change the tags of a codespec, in all its versions, and print them.",
        footerHeading = "%nExample:%n",
        footer = "  forebay codespec set denoise --tag team=mri",
        mixinStandardHelpOptions = true)
final class CodespecSetCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The codespec.")
    private String name;

    @Mixin private TagChange tags;

    @Option(
            names = "--etag",
            paramLabel = "ETAG",
            description = "Only if this is the eTag of the tags; default: any.")
    private String etag;

    @Override
    public Integer call() throws IOException {
        RemoteCodespecs codespecs = session.client().codespecs();
        TagSet now = CodespecHints.on(name, () -> codespecs.tags(name));
        if (!tags.isEmpty()) {
            Map<String, String> then = tags.applyTo(now.tags());
            // What is laid over the tags that were read must not undo another change.
            String presumed = etag != null ? etag : tags.clears() ? null : now.eTag();
            now = CodespecHints.on(name, () -> codespecs.setTags(name, then, presumed));
        }
        Shell.of(spec).out().println(PlainJson.writeIndented(now.json()));
        return 0;
    }
}
