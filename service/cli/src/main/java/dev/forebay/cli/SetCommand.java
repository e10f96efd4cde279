package dev.forebay.cli;

import dev.forebay.client.BufferChange;
import dev.forebay.client.BufferInfo;
import dev.forebay.client.RemoteBuffer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Changes a buffer. Without {@code --clear-tags} the tags there are stay, and those given are laid
 * over them; two such commands at once may lose one's tags unless they name the version they saw.
 */
@Command(
        name = "set",
        description = "Change tags or lifetime of a buffer, and print it.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer set ID --tag state=checked --ttl 7",
        mixinStandardHelpOptions = true)
final class SetCommand implements Callable<Integer> {
    private static final String CURRENT =
            "'forebay buffer show' prints the current eTag; look whether the change still fits, and repeat with that one";

    @Mixin private Session session;
    @Mixin private Printing printing;

    @Parameters(paramLabel = "ID", description = "The buffer.")
    private String id;

    @Mixin private TagChange tags;

    @Option(
            names = "--etag",
            paramLabel = "ETAG",
            description = "Only if this is its version, the eTag of 'show'; default: any.")
    private String etag;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = OptionValues.Lifetime.class,
            description =
                    "How long it lives from now on, such as 30d, 12h or 7.12:30; a bare number is days; default: as before.")
    private Duration ttl;

    @Option(names = "--soft-deleted", description = "A deleted one.")
    private boolean softDeleted;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (tags.isEmpty() && ttl == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected a change of the buffer: --tag K=V, --clear-tags or --ttl");
        }
        RemoteBuffer buffer = session.client().buffer(id);
        Map<String, String> tagsThen = tags.applyTo(tags.clears() ? Map.of() : tagsNow(buffer));
        Instant end = ttl == null ? null : Expiry.after(ttl);
        BufferChange change = new BufferChange(tagsThen, end, etag);
        printing.one(
                RefusalHints.on(
                        id,
                        CURRENT,
                        () -> softDeleted ? buffer.changeDeleted(change) : buffer.change(change)));
        return 0;
    }

    private Map<String, String> tagsNow(RemoteBuffer buffer) throws IOException {
        BufferInfo now =
                RefusalHints.on(id, "ask again", softDeleted ? buffer::deletedInfo : buffer::info);
        if (etag != null && !etag.equals(now.eTag())) {
            throw new IOException(
                    "the server's ETag does not match the provided ETag: it is %s, not %s; %s"
                            .formatted(now.eTag(), etag, CURRENT));
        }
        return now.tags();
    }
}
