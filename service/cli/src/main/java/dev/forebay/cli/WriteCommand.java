package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blob.BodyDigest;
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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a buffer; exits 0 only once its end marker is as durable as demanded. */
@Command(
        name = "write",
        description = "Write a buffer from standard input or a file; done means synced.",
        footerHeading = "%nExample:%n",
        footer = {
            "  acquire | forebay buffer write ID --flush-interval 100ms",
            "  forebay buffer write ID --from-command -- acquire --rate 10"
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class WriteCommand implements Callable<Integer> {
    /** More transfers at a time than these would cost more memory than they save switches. */
    static final int MOST_PLATFORM_THREADS = 64;

    @Mixin private Session session;
    @Mixin private BufferArgument buffer;
    @Mixin private ProgressOptions progressOptions;
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
                    "Bytes after which a block is closed, 1 to 1GiB; K, KB and KiB alike are 1024; refused if memory holds no such block; default: the transfer settings, else 4MiB.")
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

    @Option(
            names = "--from-command",
            description =
                    "Start CMD and write its output. The buffer is complete only if CMD ends with 0; otherwise it is marked failed.")
    private boolean fromCommand;

    @Option(
            names = "--exit-grace",
            paramLabel = "TIME",
            converter = OptionValues.Time.class,
            defaultValue = "10s",
            description =
                    "With --from-command: how long another process may hold the output open after CMD has ended; then the write fails.")
    private Duration exitGrace;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "CMD",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "The command of --from-command and its arguments, after --.")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Shell shell = Shell.of(spec);
        // Wrong flags and settings, then the input: nothing of that must spoil the buffer.
        checkInput();
        WriteOptions given = options(WriteOptions.defaults(), new Setting(dop, blockSize));
        TransferSettings settings = TransferSettings.of(shell);
        if (fromCommand) {
            return writeOutput(given, settings, shell);
        }
        try (ReadableByteChannel from = DataChannels.input(input, shell)) {
            size(from).ifPresent(BodyDigest::expect); // While the server is asked.
            Reference reference = buffer.resolve(Permission.WRITE, session);
            try (Interruption _ = Interruption.ofThisThread(shell)) {
                return write(from, reference, options(given, settings, reference));
            }
        }
    }

    private void checkInput() {
        if (fromCommand && input != null) {
            throw new IllegalArgumentException("give --input or --from-command, not both");
        }
        if (fromCommand && command.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected a command after --from-command, such as --from-command -- acquire --rate 10");
        }
        if (!fromCommand && !command.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "unexpected argument '%s'; to write the output of a command, say --from-command -- CMD"
                            .formatted(command.getFirst()));
        }
    }

    private int writeOutput(WriteOptions given, TransferSettings settings, Shell shell)
            throws IOException, InterruptedException {
        UserProgram.find(command.getFirst(), shell);
        Reference reference = buffer.resolve(Permission.WRITE, session);
        try (CommandInput from = CommandInput.start(command, exitGrace, shell);
                ForwardedSignals signals = ForwardedSignals.to(from, shell)) {
            try {
                return write(from, reference, options(given, settings, reference));
            } catch (IOException | RuntimeException e) {
                return signals.exitCode(Failures.failed(e, shell));
            }
        }
    }

    private WriteOptions options(
            WriteOptions given, TransferSettings settings, Reference reference) {
        Setting there = settings.at(reference.url(), Direction.WRITE);
        return options(given, new Setting(dop, blockSize).or(there));
    }

    private int write(ReadableByteChannel from, Reference reference, WriteOptions options)
            throws IOException {
        try (HttpContainer container =
                        new HttpContainer(
                                reference.source(),
                                HttpTimeouts.defaults(),
                                durability,
                                session.trust(reference.place()),
                                session.proxy());
                Progress progress = progressOptions.begin(false)) {
            progress.expect(size(from));
            BufferWriter writer = new BufferWriter(container, options.withListener(progress));
            boolean few = options.dop() <= MOST_PLATFORM_THREADS;
            WriteResult result = (few ? writer.onPlatformThreads() : writer).write(from);
            if (from instanceof WholeFile file) {
                file.growth(result.bytes()).ifPresent(progress::warning);
            }
            progress.done("written", result.bytes());
            return 0;
        }
    }

    private static OptionalLong size(ReadableByteChannel from) {
        return from instanceof WholeFile file
                ? OptionalLong.of(file.sizeAtFirst())
                : OptionalLong.empty();
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
