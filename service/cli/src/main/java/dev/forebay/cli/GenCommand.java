package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes data whose hash is known: byte k is {@code ':' + k % 64}. */
@Command(
        name = "gen",
        description = "Generate data that is the same every time.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer gen 1GiB | forebay buffer write ID",
        mixinStandardHelpOptions = true)
final class GenCommand implements Callable<Integer> {
    private static final int PIECE = 1 << 20;

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "SIZE",
            converter = OptionValues.Size.class,
            description =
                    "How much: a number and a unit, such as 512, 64KiB, 10G; K, KB and KiB alike are 1024.")
    private ByteSize size;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to; default or -: standard output.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        long left = size.bytes();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        for (int k = 0; k < PIECE; k++) {
            piece.put(k, (byte) (':' + k % 64));
        }
        try (WritableByteChannel out = DataChannels.output(output, Shell.of(spec))) {
            while (left > 0) {
                piece.position(0).limit((int) Math.min(PIECE, left));
                left -= piece.remaining();
                write(piece, out);
            }
        }
        return 0;
    }

    private static void write(ByteBuffer piece, WritableByteChannel out) throws IOException {
        try {
            while (piece.hasRemaining()) {
                out.write(piece);
            }
        } catch (IOException e) {
            throw new IOException("the output failed: " + e.getMessage(), e);
        }
    }
}
