package dev.forebay.cli;

import dev.forebay.base.Durability;
import dev.forebay.blob.BodyDigest;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.blobhttp.HttpTimeouts;
import dev.forebay.cli.TransferSettings.Direction;
import dev.forebay.client.Permission;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.ReadResult;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads a buffer, also while it is written; no byte leaves before it is verified. */
@Command(
        name = "read",
        description = "Read a buffer to standard output or a file, also while it is being written.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer read ID | reconstruct",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ReadCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private BufferArgument buffer;
    @Mixin private ProgressOptions progressOptions;
    @Spec private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to; default or -: standard output.")
    private Path output;

    @Option(
            names = {"-p", "--dop"},
            paramLabel = "N",
            description =
                    "Downloads at a time, 1 to 1024, fewer while memory is short; default: the transfer settings, else 32.")
    private Integer dop;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Shell shell = Shell.of(spec);
        ReadOptions given = options(dop);
        TransferSettings settings = TransferSettings.of(shell);
        Reference reference = buffer.resolve(Permission.READ, session);
        ReadOptions options =
                dop != null ? given : options(settings.at(reference.url(), Direction.READ).dop());
        try (HttpContainer container =
                new HttpContainer(
                        reference.source(),
                        HttpTimeouts.defaults(),
                        Durability.SYNCED,
                        session.trust(reference.place()),
                        session.proxy())) {
            // A URL that is no good fails here, before a file of that name is emptied.
            OptionalLong size = BufferSize.of(container);
            try (WritableByteChannel to = DataChannels.output(output, shell);
                    Progress progress = progressOptions.begin(mayReachTerminal())) {
                progress.expect(size);
                size.ifPresent(BodyDigest::expect);
                BufferReader reader = new BufferReader(container, options.withListener(progress));
                boolean few = options.dop() <= WriteCommand.MOST_PLATFORM_THREADS;
                ReadResult result = (few ? reader.onPlatformThreads() : reader).read(to);
                if (to instanceof StandardOutput out && out.isWithinLine()) {
                    progress.endLine();
                }
                progress.done("read", result.bytes());
                return 0;
            }
        }
    }

    /** Also through a pipe: the next program may write to the terminal. */
    private boolean mayReachTerminal() {
        return DataChannels.isStandard(output) && !StandardOutput.isRegularFile();
    }

    private static ReadOptions options(@Nullable Integer dop) {
        ReadOptions defaults = ReadOptions.defaults();
        return dop == null ? defaults : defaults.withDop(dop);
    }
}
