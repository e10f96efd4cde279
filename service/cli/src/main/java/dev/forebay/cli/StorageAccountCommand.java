package dev.forebay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
        @Mixin private Session session;
        @Mixin private Rows rows;

        @Override
        public Integer call() throws IOException {
            rows.list(session.client().storageAccounts(), "name", "location", "endpoint");
            return 0;
        }
    }
}
