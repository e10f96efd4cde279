package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what this is. */
@Command(
        name = "version",
        description = "Print the versions of this program and of Java.",
        footerHeading = "%nExample:%n",
        footer = "  forebay version",
        mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {
    static final String TEXT = "forebay 0.1.0 on Java " + Runtime.version();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        Shell.of(spec).out().println(TEXT);
        return 0;
    }
}
