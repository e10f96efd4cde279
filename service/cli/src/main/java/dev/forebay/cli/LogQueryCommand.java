package dev.forebay.cli;

import dev.forebay.datalog.export.LogExport;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints entries, decoded; what is no ASCII is escaped, so no entry steers the terminal. */
@Command(
        name = "query",
        description = "Print entries and ticks as JSON, one a line.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log query --user operator --password-file p --from 15m --channel gps",
        mixinStandardHelpOptions = true)
final class LogQueryCommand implements Callable<Integer> {
    @Mixin private LogPlace place;
    @Mixin private LogSelection selection;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try (WritableByteChannel out = Shell.of(spec).output()) {
            new LogSource(place).read(selection.filter(), bddf -> LogExport.jsonLines(bddf, out));
        }
        return 0;
    }
}
