package dev.forebay.bddf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Files that several tests use. */
final class Samples {
    static final String CHANNEL = "bosdyn:channel";

    /**
     * The worked example of the reference: a text series {@code c1} with the block {@code hi} at 1
     * s and 2 ns, and an annotation of the file.
     */
    static final byte[] WORKED =
            HexFormat.of()
                    .parseHex(
                            """
                            42444446
                            1200000000000001 0a100a02080112060a016b12017618022014
                            4500000000000001 124312260a0e626f7364796e3a6368616e6e656c12140a0e
                            626f7364796e3a6368616e6e656c1202633118abfbede289bca7a47b220f0a0a
                            746578742f706c61696e120174
                            0800000000000000 06000000 120408011002 6869
                            1000000000000001 1a0e101e1a080a0408011002106b2002
                            3800000000000001 22360a260a0e626f7364796e3a6368616e6e656c12140a0e
                            626f7364796e3a6368616e6e656c1202633112017f1a09abfbede289bca7a47b
                            1800000000000002 9700000000000000
                            5842b58201ba54f784d2d9f637e0c18ae43dd63d
                            46444442
                            """
                                    .replaceAll("\\s", ""));

    private Samples() {}

    static SeriesIdentifier channel(String name) {
        return new SeriesIdentifier(CHANNEL, Map.of(CHANNEL, name));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    static String text(Block block) {
        return UTF_8.decode(block.payload().duplicate()).toString();
    }

    static BddfStream stream(byte[] file) throws IOException {
        return new BddfStream(Channels.newChannel(new ByteArrayInputStream(file)));
    }

    /** All blocks of a file, as {@code series@nanos=text}. */
    static List<String> read(byte[] file) throws IOException {
        return read(stream(file));
    }

    /** All blocks that are left. */
    static List<String> read(BddfStream in) throws IOException {
        List<String> blocks = new ArrayList<>();
        for (Block block = in.next(); block != null; block = in.next()) {
            blocks.add(
                    block.series().identifier().spec().get(CHANNEL)
                            + "@"
                            + block.nanos()
                            + "="
                            + text(block));
        }
        return blocks;
    }

    /** What a test writes into a file. */
    interface Content {
        void writeTo(BddfWriter writer) throws IOException;
    }

    static byte[] file(Checksum checksum, Content content) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (BddfWriter writer =
                new BddfWriter(
                        Channels.newChannel(target),
                        new FileDescriptor(Map.of("k", "v"), checksum))) {
            content.writeTo(writer);
        }
        return target.toByteArray();
    }

    /** Two channels, one of them numbers with additional indexes, blocks in turn. */
    static byte[] mixed(Checksum checksum, int blocks) throws IOException {
        return file(
                checksum,
                writer -> {
                    int text =
                            writer.addSeries(
                                    channel("text"),
                                    new SeriesType.Message("text/plain", "t", false));
                    int numbers =
                            writer.addSeries(
                                    channel("numbers"),
                                    new SeriesType.Numbers(Pod.FLOAT64, List.of(3)),
                                    Map.of("units", "m/s"),
                                    List.of("tick"),
                                    "speed");
                    for (int i = 0; i < blocks; i++) {
                        writer.write(text, i * 10L, bytes("text " + i));
                        writer.write(numbers, i * 10L + 5, bytes("x".repeat(24 * (i % 3 + 1))), i);
                    }
                });
    }
}
