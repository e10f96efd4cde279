package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.StandardStreams;
import dev.forebay.stream.WriteOptions;
import dev.forebay.stream.WriteResult;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a buffer; exits 0 only once its end marker is durable. */
@Command(
        name = "write",
        description = "Write a buffer from standard input or a file; done means synced.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class WriteCommand implements Callable<Integer> {
    private static final Pattern DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h)");

    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "BUFFER",
            description = "An ID, an access URL, or a file that holds one.")
    private String buffer;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "What to write; default standard input.")
    private Path input;

    @Option(
            names = {"-p", "--dop"},
            paramLabel = "N",
            description = "Uploads at a time.")
    private int dop = 16;

    @Option(
            names = {"-b", "--block-size"},
            paramLabel = "SIZE",
            description = "Bytes after which a block is closed.")
    private String blockSize = "4MiB";

    @Option(
            names = {"-f", "--flush-interval"},
            paramLabel = "TIME",
            description =
                    "Time after which a block is closed too; 0: never. Not for files given by -i.")
    private String flushInterval = "1s";

    @Override
    public Integer call() throws IOException {
        boolean regular = input != null && Files.isRegularFile(input);
        WriteOptions options =
                WriteOptions.defaults()
                        .withDop(dop)
                        .withBlockSize(ByteSize.parse(blockSize))
                        .withFlushInterval(regular ? Duration.ZERO : duration(flushInterval));
        long begin = System.nanoTime();
        Interruption interruption = Interruption.of(Thread.currentThread());
        try (HttpContainer container = new HttpContainer(Reference.resolve(buffer, true, session));
                ReadableByteChannel from =
                        input == null ? StandardStreams.input() : FileChannel.open(input)) {
            WriteResult result = new BufferWriter(container, options).write(from);
            spec.commandLine()
                    .getErr()
                    .println(summary("written", result.bytes(), System.nanoTime() - begin));
            return 0;
        } finally {
            interruption.done();
        }
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

    static Duration duration(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        Matcher found = DURATION.matcher(text);
        if (!found.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a time; expected such as 300ms, 1.5s, 2m");
        }
        double millis =
                Double.parseDouble(found.group(1))
                        * switch (found.group(2)) {
                            case "ms" -> 1;
                            case "s" -> 1000;
                            case "m" -> 60_000;
                            default -> 3_600_000;
                        };
        return Duration.ofMillis((long) millis);
    }
}
