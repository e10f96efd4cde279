package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.server.LogAdministration;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Changes the allowance of a running server's log. */
@Command(
        name = "allowance",
        description =
                "Change what the log of a running server may take on the disk, until it ends.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log allowance 20G",
        mixinStandardHelpOptions = true)
final class LogAllowanceCommand implements Callable<Integer> {
    @Mixin private UserDirectory directory;

    @Parameters(
            paramLabel = "SIZE",
            converter = OptionValues.Size.class,
            description = "1MiB or more, such as 20G.")
    private ByteSize allowance;

    @Override
    public Integer call() throws IOException {
        LogAdministration.of(directory.path()).allowance(allowance);
        return 0;
    }
}
