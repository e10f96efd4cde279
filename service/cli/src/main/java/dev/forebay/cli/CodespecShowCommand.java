package dev.forebay.cli;

import dev.forebay.client.RemoteCodespecs;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints one version of a codespec. Its {@code --version} is that of the codespec. */
@Command(
        name = "show",
        aliases = "get",
        description = "Print a codespec.",
        footerHeading = "%nExample:%n",
        footer = "  forebay codespec show denoise --version 2")
final class CodespecShowCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The codespec.")
    private String name;

    @Option(
            names = "--version",
            paramLabel = "N",
            description = "Which version; default: the latest.")
    private Integer version;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // The parser reads it.
    private boolean help;

    @Override
    public Integer call() throws IOException {
        RemoteCodespecs codespecs = session.client().codespecs();
        Shell.of(spec)
                .out()
                .println(
                        PlainJson.writeIndented(
                                CodespecHints.on(
                                        version == null ? name : name + "/versions/" + version,
                                        () ->
                                                (version == null
                                                                ? codespecs.get(name)
                                                                : codespecs.get(name, version))
                                                        .json())));
        return 0;
    }
}
