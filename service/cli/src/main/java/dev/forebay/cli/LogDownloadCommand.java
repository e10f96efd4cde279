package dev.forebay.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Downloads a part of the log as one BDDF file. */
@Command(
        name = "download",
        description = "Write a part of a log into one BDDF file.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log download --data DIR --from 2026-01-31T10:00:00Z -o log.bddf",
        mixinStandardHelpOptions = true)
final class LogDownloadCommand implements Callable<Integer> {
    private static final int PIECE = 1 << 16;

    @Mixin private LogPlace place;
    @Mixin private LogSelection selection;
    @Spec private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to; default or -: standard output.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        Optional<Long> bytes = new LogSource(place).read(selection.filter(), this::copy);
        Shell.of(spec)
                .err()
                .println(
                        bytes.map(count -> "downloaded %d bytes".formatted(count))
                                .orElse("nothing fits; nothing was written"));
        return 0;
    }

    private long copy(ReadableByteChannel bddf) throws IOException {
        try (WritableByteChannel target = DataChannels.output(output, Shell.of(spec))) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            long bytes = 0;
            while (bddf.read(piece) >= 0) {
                piece.flip();
                bytes += piece.remaining();
                while (piece.hasRemaining()) {
                    target.write(piece);
                }
                piece.clear();
            }
            return bytes;
        }
    }
}
