package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a server keeps the data of buffers. */
@Command(
        name = "storage-account",
        aliases = "storage-accounts",
        description = "Say where a server keeps the data of buffers.",
        subcommands = StorageAccountCommand.ListAll.class,
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer storage-account list --format table",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class StorageAccountCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return HelpWords.print(spec);
    }

    /** Lists them. */
    @Command(
            name = "list",
            description = "List the storage accounts of a server, each with location and endpoint.",
            footerHeading = "%nExample:%n",
            footer = "  forebay buffer storage-account list --format table",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        private static final String ROW = "%-16s  %-16s  %s%n";

        @Mixin private Session session;
        @Spec private CommandSpec spec;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description =
                        "How to print: ${COMPLETION-CANDIDATES}; default: as for 'buffer list'.")
        private Format format;

        @Override
        public Integer call() throws IOException {
            List<Map<String, Object>> accounts = session.client().storageAccounts();
            PrintWriter out = Shell.of(spec).out();
            Format chosen = format != null ? format : DefaultFormat.of(Shell.of(spec));
            if (chosen == Format.JSON) {
                out.println(PlainJson.writeIndented(accounts));
                return 0;
            }
            out.printf(ROW, "NAME", "LOCATION", "ENDPOINT");
            accounts.forEach(each ->
                    out.printf(ROW, each.get("name"), each.get("location"), each.get("endpoint")));
            return 0;
        }
    }
}
