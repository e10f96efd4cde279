package dev.forebay.cli;

import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.ReadResult;
import dev.forebay.stream.StandardStreams;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a buffer, also while it is written; no byte leaves before it is verified. */
@Command(
        name = "read",
        description = "Read a buffer to standard output or a file, also while it is being written.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ReadCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "BUFFER",
            description = "An ID, an access URL, or a file that holds one.")
    private String buffer;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to; default standard output.")
    private Path output;

    @Option(
            names = {"-p", "--dop"},
            paramLabel = "N",
            description = "Downloads at a time.")
    private int dop = 32;

    @Override
    public Integer call() throws IOException {
        ReadOptions options = ReadOptions.defaults().withDop(dop);
        long begin = System.nanoTime();
        try (HttpContainer container =
                        new HttpContainer(Reference.resolve(buffer, false, session));
                WritableByteChannel to = open()) {
            ReadResult result = new BufferReader(container, options).read(to);
            spec.commandLine()
                    .getErr()
                    .println(
                            WriteCommand.summary(
                                    "read", result.bytes(), System.nanoTime() - begin));
            return 0;
        }
    }

    private WritableByteChannel open() throws IOException {
        return output == null
                ? StandardStreams.output()
                : FileChannel.open(
                        output,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
    }
}
