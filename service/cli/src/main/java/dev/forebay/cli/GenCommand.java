package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.stream.StandardStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes data whose hash is known: byte k is {@code ':' + k % 64}. */
@Command(
        name = "gen",
        description = "Generate deterministic data.",
        mixinStandardHelpOptions = true)
final class GenCommand implements Callable<Integer> {
    private static final int PIECE = 1 << 20;

    @Parameters(
            paramLabel = "SIZE",
            description = "How much: a number and a unit, such as 512, 64KiB, 10G.")
    private String size;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to; default standard output.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        long left = ByteSize.parse(size).bytes();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        for (int k = 0; k < PIECE; k++) {
            piece.put(k, (byte) (':' + k % 64));
        }
        try (WritableByteChannel out =
                output == null
                        ? StandardStreams.output()
                        : FileChannel.open(
                                output,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING)) {
            while (left > 0) {
                piece.position(0).limit((int) Math.min(PIECE, left));
                left -= piece.remaining();
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
            }
        }
        return 0;
    }
}
