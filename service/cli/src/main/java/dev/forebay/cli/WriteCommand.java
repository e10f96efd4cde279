package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.blobhttp.HttpTimeouts;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.WriteOptions;
import dev.forebay.stream.WriteResult;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a buffer; exits 0 only once its end marker is as durable as demanded. */
@Command(
        name = "write",
        description = "Write a buffer from standard input or a file; done means synced.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class WriteCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "BUFFER",
            description = "An ID, an access URL, or a file that holds one.")
    private String buffer;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "What to write; default: standard input.")
    private Path input;

    @Option(
            names = {"-p", "--dop"},
            paramLabel = "N",
            defaultValue = "16",
            description = "Uploads at a time, 1 to 1024.")
    private int dop;

    @Option(
            names = {"-b", "--block-size"},
            paramLabel = "SIZE",
            converter = Values.Size.class,
            defaultValue = "4MiB",
            description = "Bytes after which a block is closed, 1 to 1GiB.")
    private ByteSize blockSize;

    @Option(
            names = {"-f", "--flush-interval"},
            paramLabel = "TIME",
            converter = Values.Time.class,
            defaultValue = "1s",
            description =
                    "Time after which a block is closed too, such as 300ms; 0: never. Not for files given by -i.")
    private Duration flushInterval;

    @Option(
            names = "--durability",
            paramLabel = "LEVEL",
            converter = Values.Level.class,
            defaultValue = "synced",
            description =
                    "What an acknowledgement has to promise: accepted (in memory), written (survives the server's process), synced (survives a power cut).")
    private Durability durability;

    @Option(
            names = "--access-ttl",
            paramLabel = "D[.HH[:MM[:SS]]]",
            converter = Values.Lifetime.class,
            hidden = true,
            description = "How long each access URL is good; only with an ID.")
    private Duration accessTtl;

    @Override
    public Integer call() throws IOException {
        boolean regular = input != null && Files.isRegularFile(input);
        Shell shell = Shell.of(spec);
        WriteOptions options =
                WriteOptions.defaults()
                        .withDop(dop)
                        .withBlockSize(blockSize)
                        .withFlushInterval(regular ? Duration.ZERO : flushInterval)
                        .withDurability(durability);
        long begin = System.nanoTime();
        // The input first: a file that is not there must not spoil the buffer.
        try (ReadableByteChannel from = Target.input(input, shell);
                Interruption interruption =
                        Interruption.ofThisThread(shell.err(), "the buffer is marked failed");
                HttpContainer container = container()) {
            WriteResult result = new BufferWriter(container, options).write(from);
            shell.err().println(summary("written", result.bytes(), System.nanoTime() - begin));
            return 0;
        }
    }

    private HttpContainer container() throws IOException {
        Reference reference = Reference.resolve(buffer, true, accessTtl, session);
        return new HttpContainer(reference.source(), HttpTimeouts.defaults(), durability);
    }

    static String summary(String what, long bytes, long nanos) {
        return String.format(
                Locale.ROOT,
                "%s %s in %.2f s (%.1f MB/s)",
                ByteSize.of(bytes),
                what,
                nanos / 1e9,
                bytes / 1e6 / (nanos / 1e9));
    }
}
