package dev.forebay.cli;

import dev.forebay.client.Permission;
import dev.forebay.client.RemoteBuffer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Hands out a capability on a buffer. */
@Command(
        name = "access",
        description = "Print an access URL, which expires and needs no login.",
        footerHeading = "%nExample:%n",
        footer = "  url=$$(forebay buffer access --write ID)",
        mixinStandardHelpOptions = true)
final class AccessCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The buffer.")
    private String id;

    @Option(
            names = {"-w", "--write"},
            description = "For writing, too; default: for reading only.")
    private boolean write;

    @Option(
            names = "--access-ttl",
            paramLabel = "TIME",
            converter = OptionValues.Lifetime.class,
            hidden = true,
            description = "How long the URL is good.")
    private Duration ttl;

    @Override
    public Integer call() throws IOException {
        RemoteBuffer buffer = session.client().buffer(id);
        Permission permission = write ? Permission.WRITE : Permission.READ;
        Shell.of(spec).out().println(Reference.access(buffer, permission, ttl).secret());
        return 0;
    }
}
