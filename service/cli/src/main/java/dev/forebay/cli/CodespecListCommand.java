package dev.forebay.cli;

import dev.forebay.client.CodespecInfo;
import dev.forebay.client.RemoteCodespecs;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the latest versions of codespecs, page by page. */
@Command(
        name = "list",
        description = "List the latest versions of codespecs by name.",
        footerHeading = "%nExample:%n",
        footer = "  forebay codespec list --prefix recon- --tag team=mri",
        mixinStandardHelpOptions = true)
final class CodespecListCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private ListLimit limit;
    @Spec private CommandSpec spec;

    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "TEXT",
            description = "Those whose names begin so.")
    private String prefix = "";

    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            description = "Those with this tag; repeat for those with all of them.")
    private List<Tag> tags = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        limit.check();
        RemoteCodespecs codespecs = session.client().codespecs();
        List<Object> found =
                limit.take(most -> codespecs.list(prefix, Tag.map("--tag", tags), most)).stream()
                        .<Object>map(CodespecInfo::json)
                        .toList();
        Shell.of(spec).out().println(found.isEmpty() ? "[]" : PlainJson.writeIndented(found));
        limit.warn();
        return 0;
    }
}
