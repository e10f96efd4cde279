package dev.forebay.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates a run. Its {@code --version} is that of the codespec. */
@Command(
        name = "create",
        description = "Create a run and print its ID; it executes without this command.",
        footerHeading = "%nExample:%n",
        footer = "  forebay run create --codespec denoise --buffer in=ID --tag patient=208")
final class RunCreateCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private RunOptions options;
    @Spec private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // The parser reads it.
    private boolean help;

    @Override
    public Integer call() throws IOException {
        Map<String, Object> run = options.run();
        long id = options.create(session.client(), run).id();
        Shell.of(spec).out().println(id);
        return 0;
    }
}
