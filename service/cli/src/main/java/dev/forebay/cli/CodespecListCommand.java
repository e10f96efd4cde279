package dev.forebay.cli;

import dev.forebay.client.CodespecInfo;
import dev.forebay.client.CodespecSearch;
import dev.forebay.client.RemoteCodespecs;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the latest versions of codespecs, page by page. */
@Command(
        name = "list",
        description = "List the latest versions of codespecs by name.",
        footerHeading = "%nExample:%n",
        footer = "  forebay codespec list --prefix recon- --tag team=mri",
        mixinStandardHelpOptions = true)
final class CodespecListCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private SearchOptions search;
    @Mixin private ListLimit limit;
    @Mixin private Rows rows;

    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "TEXT",
            description = "Those whose names begin so.")
    private String prefix = "";

    @Override
    public Integer call() throws IOException {
        limit.check();
        CodespecSearch wanted =
                new CodespecSearch(
                        prefix,
                        search.tags(),
                        search.tagKeys(),
                        search.createdAfter(),
                        search.createdBefore());
        RemoteCodespecs codespecs = session.client().codespecs();
        List<Object> found =
                limit.take(most -> codespecs.list(wanted, most)).stream()
                        .<Object>map(CodespecInfo::json)
                        .toList();
        rows.list(found, "name", "version", "kind", "createdAt", "tags");
        limit.warn();
        return 0;
    }
}
