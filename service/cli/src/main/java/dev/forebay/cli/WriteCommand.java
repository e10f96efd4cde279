package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.blobhttp.HttpTimeouts;
import dev.forebay.cli.TransferSettings.Direction;
import dev.forebay.cli.TransferSettings.Setting;
import dev.forebay.client.Permission;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.WriteOptions;
import dev.forebay.stream.WriteResult;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a buffer; exits 0 only once its end marker is as durable as demanded. */
@Command(
        name = "write",
        description = "Write a buffer from standard input or a file; done means synced.",
        footerHeading = "%nExample:%n",
        footer = "  acquire | forebay buffer write ID --flush-interval 100ms",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class WriteCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private BufferArgument buffer;
    @Spec private CommandSpec spec;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "What to write; default or -: standard input.")
    private Path input;

    @Option(
            names = {"-p", "--dop"},
            paramLabel = "N",
            description =
                    "Uploads at a time, 1 to 1024, fewer while memory is short; default: the transfer settings, else 16.")
    private Integer dop;

    @Option(
            names = {"-b", "--block-size"},
            paramLabel = "SIZE",
            converter = OptionValues.Size.class,
            description =
                    "Bytes after which a block is closed, 1 to 1GiB, refused if memory holds no such block; default: the transfer settings, else 4MiB.")
    private ByteSize blockSize;

    @Option(
            names = {"-f", "--flush-interval"},
            paramLabel = "TIME",
            converter = OptionValues.Time.class,
            defaultValue = "1s",
            description =
                    "Time after which a block is closed too, such as 300ms; 0: never. Not for files given by -i.")
    private Duration flushInterval;

    @Option(
            names = "--durability",
            paramLabel = "LEVEL",
            converter = OptionValues.Level.class,
            completionCandidates = OptionValues.Levels.class,
            defaultValue = "synced",
            description =
                    "What an acknowledgement has to promise: accepted (in memory), written (survives the server's process), synced (survives a power cut).")
    private Durability durability;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Shell shell = Shell.of(spec);
        // Wrong flags and settings, then the input: nothing of that must spoil the buffer.
        WriteOptions given = options(WriteOptions.defaults(), new Setting(dop, blockSize));
        TransferSettings settings = TransferSettings.of(shell);
        try (ReadableByteChannel from = DataChannels.input(input, shell)) {
            Reference reference = buffer.resolve(Permission.WRITE, session);
            Setting there = settings.at(reference.url(), Direction.WRITE);
            WriteOptions options = options(given, new Setting(dop, blockSize).or(there));
            OptionalLong size =
                    from instanceof WholeFile file
                            ? OptionalLong.of(file.sizeAtFirst())
                            : OptionalLong.empty();
            try (HttpContainer container =
                            new HttpContainer(
                                    reference.source(),
                                    HttpTimeouts.defaults(),
                                    durability,
                                    session.trust(reference.place()));
                    Progress progress = shell.progress();
                    Interruption interruption = Interruption.ofThisThread(shell)) {
                progress.expect(size);
                WriteResult result =
                        new BufferWriter(container, options.withListener(progress)).write(from);
                if (from instanceof WholeFile file) {
                    file.growth(result.bytes()).ifPresent(progress::warning);
                }
                progress.done("written", result.bytes());
                return 0;
            }
        }
    }

    private boolean regular() {
        return !DataChannels.isStandard(input) && Files.isRegularFile(input);
    }

    private WriteOptions options(WriteOptions defaults, Setting setting) {
        return defaults.withDop(setting.dop() != null ? setting.dop() : defaults.dop())
                .withBlockSize(
                        setting.blockSize() != null ? setting.blockSize() : defaults.blockSize())
                .withFlushInterval(regular() ? Duration.ZERO : flushInterval)
                .withDurability(durability);
    }
}
