package dev.forebay.cli;

import dev.forebay.client.Permission;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The buffer that a transfer is about, as the user names it. */
final class BufferArgument {
    static final String LABEL = "BUFFER";

    @Parameters(
            paramLabel = LABEL,
            description = "An ID, an access URL, or a file that holds one of them.")
    private String buffer;

    @Option(
            names = "--access-ttl",
            paramLabel = "TIME",
            converter = OptionValues.Lifetime.class,
            hidden = true,
            description = "How long each access URL is good; only with an ID.")
    private Duration accessTtl;

    /** Finds it; an unknown ID fails here. */
    Reference resolve(Permission permission, Session session)
            throws IOException, InterruptedException {
        return Reference.resolve(buffer, permission, accessTtl, session);
    }
}
