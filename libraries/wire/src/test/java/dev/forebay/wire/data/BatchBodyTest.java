package dev.forebay.wire.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.wire.WireFormatException;
import dev.forebay.wire.data.BatchBody.Blob;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever comes as a batch, it is read or said to be malformed, and nothing else. {@code
 * -Dforebay.fuzz.rounds=1000000} goes on for longer; {@code -Dforebay.fuzz.seed} repeats.
 */
class BatchBodyTest {
    private static final int ROUNDS = Integer.getInteger("forebay.fuzz.rounds", 20_000);
    private static final long SEED = Long.getLong("forebay.fuzz.seed", 1);
    private static final int MOST = 64;
    private static final String MD5 = "ixqZU8RhEpaoJ6v4xHgE1w==";

    private static Blob blob(String name, Map<String, String> metadata, String... pieces) {
        return new Blob(
                name,
                MD5,
                metadata,
                Arrays.stream(pieces).map(text -> ByteBuffer.wrap(text.getBytes(UTF_8))).toList());
    }

    private static ByteBuffer whole(List<ByteBuffer> pieces) {
        ByteBuffer whole =
                ByteBuffer.allocate(pieces.stream().mapToInt(ByteBuffer::remaining).sum());
        pieces.forEach(piece -> whole.put(piece.duplicate()));
        return whole.flip();
    }

    /** The same with its body in one piece. */
    private static Blob joined(Blob blob) {
        return new Blob(blob.name(), blob.md5(), blob.metadata(), List.of(whole(blob.body())));
    }

    @Test
    void layoutIsAsItIsDrawn() {
        List<ByteBuffer> pieces =
                BatchBody.encode(
                        List.of(
                                blob("00/000", Map.of("k", "vv"), "Hel", "lo"),
                                blob("x", Map.of())));
        assertThat(HexFormat.of().formatHex(whole(pieces).array()))
                .isEqualTo(
                        "46424241"
                                + "0600"
                                + "30302f303030"
                                + "8b1a9953c4611296a827abf8c47804d7"
                                + "0100"
                                + ("0100" + "6b" + "0200" + "7676")
                                + "05000000"
                                + "48656c6c6f"
                                + "0100"
                                + "78"
                                + "8b1a9953c4611296a827abf8c47804d7"
                                + "0000"
                                + "00000000");
    }

    @Test
    void bodiesAreNotCopied() {
        Blob blob = blob("a", Map.of(), "Hel", "lo");
        List<ByteBuffer> pieces = BatchBody.encode(List.of(blob));
        assertThat(pieces.get(1)).isSameAs(blob.body().getFirst());
        assertThat(pieces.get(2)).isSameAs(blob.body().getLast());
        ByteBuffer batch = whole(pieces);
        Blob read = BatchBody.decode(batch, MOST).getFirst();
        assertThat(batch.position()).isZero();
        batch.put(batch.limit() - 1, (byte) 'a');
        assertThat(UTF_8.decode(read.body().getFirst()).toString()).isEqualTo("Hella");
    }

    private static String random(Random random, int longest) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(longest + 1); i > 0; i--) {
            text.append("az/.0\u00fc\u20ac\u0000".charAt(random.nextInt(8)));
        }
        return text.toString();
    }

    @Test
    void whatWasEncodedIsDecodedAsItWas() {
        for (int round = 0; round < ROUNDS / 20; round++) {
            Random random = new Random(SEED * ROUNDS + round);
            Blob[] blobs = new Blob[random.nextInt(1, 5)];
            for (int i = 0; i < blobs.length; i++) {
                Map<String, String> metadata = new HashMap<>();
                for (int pairs = random.nextInt(4); pairs > 0; pairs--) {
                    metadata.put(random(random, 9), random(random, 300));
                }
                blobs[i] =
                        blob(random(random, 30), metadata, random(random, 3000), random(random, 3));
            }
            List<Blob> joined = Arrays.stream(blobs).map(BatchBodyTest::joined).toList();
            ByteBuffer batch = whole(BatchBody.encode(List.of(blobs)));
            assertThat(BatchBody.decode(batch, blobs.length))
                    .as("round %d of seed %d", round, SEED)
                    .isEqualTo(joined);
        }
    }

    private static byte[] mutated(byte[] original, Random random) {
        byte[] batch = original.clone();
        for (int changes = random.nextInt(1, 4); changes > 0 && batch.length > 4; changes--) {
            int at = random.nextInt(4, batch.length);
            switch (random.nextInt(5)) {
                case 0 -> batch[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> batch[at] = new byte[] {0, -1, 127, -128}[random.nextInt(4)];
                case 2 -> batch = Arrays.copyOf(batch, random.nextInt(batch.length + 1));
                case 3 -> batch = Arrays.copyOf(batch, batch.length + random.nextInt(1, 40));
                default -> {
                    int length = Math.min(random.nextInt(1, 9), batch.length - at);
                    int from = random.nextInt(batch.length - length + 1);
                    System.arraycopy(batch, from, batch, at, length);
                }
            }
        }
        return batch;
    }

    @Test
    void whateverComesIsReadOrSaidToBeMalformed() {
        byte[][] originals = {
            whole(BatchBody.encode(List.of(blob("a", Map.of(), "Hello")))).array(),
            whole(
                            BatchBody.encode(
                                    List.of(
                                            blob("00/000", Map.of("chain", "c".repeat(44)), "x"),
                                            blob("00/001", Map.of("a", "", "b", "gr\u00fcn")),
                                            blob("00/002", Map.of(), "y".repeat(300)))))
                    .array()
        };
        int malformed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED * ROUNDS + round);
            byte[] batch = mutated(originals[random.nextInt(originals.length)], random);
            try {
                List<Blob> blobs = BatchBody.decode(ByteBuffer.wrap(batch), MOST);
                assertThat(BatchBody.decode(whole(BatchBody.encode(blobs)), MOST)).isEqualTo(blobs);
            } catch (WireFormatException e) {
                assertThat(e)
                        .hasMessageMatching(
                                "(?s)a batch is malformed at offset [0-9]+: expected .*, found .*; put these .*");
                malformed++;
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "round " + round + " of seed " + SEED + ": " + Arrays.toString(batch), e);
            }
        }
        assertThat(malformed).isGreaterThan(ROUNDS / 3).isLessThan(ROUNDS);
    }

    /** Bodies that were found malformed once, and are kept. {@code M} is the MD5, in hex. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | offset 0: expected the magic of a batch, found 0 bytes left",
                "464242 | offset 0: expected the magic of a batch, found 3 bytes left",
                "46424C42 | offset 0: expected the magic 41424246, found 424c4246",
                "46424241 01 | offset 4: expected the length of the name of a blob, found 1 bytes left",
                "46424241 0200 61 | offset 4: expected a name of a blob of 2 bytes, found 1 bytes left",
                "46424241 FFFF 61 | offset 4: expected a name of a blob of 65535 bytes, found 1",
                "46424241 0100 FF M 0000 00000000 | offset 6: expected a name of a blob in UTF-8",
                "46424241 0100 61 00 | offset 7: expected an MD5, found 1 bytes left",
                "46424241 0100 61 M 00 | offset 23: expected the number of metadata pairs, found 1",
                "46424241 0100 61 M 0100 00 | offset 25: expected the length of the name of metadata",
                "46424241 0100 61 M FFFF 0000 0000 | offset 29: expected the length of the name of metadata",
                "46424241 0100 61 M 0100 0100 6B 0200 76 | offset 28: expected a value of metadata of 2"
                        + " bytes, found 1 bytes left",
                "46424241 0100 61 M 0100 0100 6B 0100 80 00000000 | offset 30: expected a value of"
                        + " metadata in UTF-8, found other bytes",
                "46424241 0100 61 M 0200 0100 6B 0000 0100 6B 0000 00000000 | offset 30: expected"
                        + " each name of metadata once, found 'k' again",
                "46424241 0100 61 M 0000 000000 | offset 25: expected the length of a body, found 3",
                "46424241 0100 61 M 0000 02000000 00 | offset 25: expected a body of 2 bytes, found 1"
                        + " bytes left",
                "46424241 0100 61 M 0000 FFFFFFFF 00 | offset 25: expected a body of 4294967295"
                        + " bytes, found 1 bytes left",
                "46424241 0100 61 M 0000 00000000 00 | offset 29: expected the length of the name of a"
                        + " blob, found 1 bytes left",
                "46424241 0100 61 M 0000 00000000 0100 62 M 0000 00000000 0100 63 | offset 54: expected"
                        + " at most 2 blobs, found another one"
            })
    void aMalformedBatchThatWasKeptIsSaidToBeMalformed(String hex, String message) {
        String bytes = hex.replace("M", "8b1a9953c4611296a827abf8c47804d7").replace(" ", "");
        ByteBuffer batch = ByteBuffer.wrap(HexFormat.of().parseHex(bytes));
        assertThatThrownBy(() -> BatchBody.decode(batch, 2))
                .isInstanceOf(WireFormatException.class)
                .hasMessageStartingWith("a batch is malformed at offset ")
                .hasMessageContaining(message)
                .hasMessageEndingWith("put these blobs one by one, or mend what made the batch");
    }

    @Test
    void whatDoesNotFitItsLengthIsNotEncoded() {
        String longest = "x".repeat(0xffff);
        Blob fits = blob("a", Map.of("k", longest));
        assertThat(BatchBody.decode(whole(BatchBody.encode(List.of(fits))), MOST))
                .isEqualTo(List.of(joined(fits)));
        assertThatThrownBy(() -> BatchBody.encode(List.of(blob("a", Map.of("k", longest + "x")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at most 65535 bytes of a text in a batch, found 65536");
    }
}
