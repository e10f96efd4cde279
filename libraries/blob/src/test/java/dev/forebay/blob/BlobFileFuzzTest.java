package dev.forebay.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk.Access;
import dev.forebay.base.DiskFile;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever stands in a file, reading it gives a blob or says that it is damaged, and nothing else.
 * {@code -Dforebay.fuzz.rounds=1000000} goes on for longer; {@code -Dforebay.fuzz.seed} repeats.
 */
class BlobFileFuzzTest {
    private static final BlobName NAME = new BlobName("00/000");
    private static final Path FILE = Path.of("/fuzzed");
    private static final int ROUNDS = Integer.getInteger("forebay.fuzz.rounds", 20_000);
    private static final long SEED = Long.getLong("forebay.fuzz.seed", 1);

    private final SimulatedDisk disk = new SimulatedDisk();

    private static byte[] whole(byte[] body, Map<String, String> metadata) {
        Instant created = Instant.ofEpochSecond(1_700_000_000L, 5);
        ByteBuffer tail =
                BlobFile.tail(body.length, Md5.of(ByteBuffer.wrap(body)), metadata, created);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(body);
        file.writeBytes(Arrays.copyOf(tail.array(), tail.remaining()));
        return file.toByteArray();
    }

    private BlobInfo read(byte[] content) throws IOException {
        if (disk.stat(FILE).isPresent()) {
            disk.delete(FILE);
        }
        try (DiskFile file = disk.open(FILE, Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(content), 0);
            FileEnd whole = new FileEnd(file, FILE, 0, file.size());
            return BlobFile.read(NAME, BatchFile.blobFile(NAME, whole));
        }
    }

    private static byte[] batch(Map<String, String> metadata) {
        List<SmallBlob> blobs = new ArrayList<>();
        for (String name : List.of("00/001", NAME.text(), "00/002")) {
            ByteBuffer body = ByteBuffer.wrap(name.getBytes(UTF_8));
            blobs.add(new SmallBlob(new BlobName(name), List.of(body), Md5.of(body), metadata));
        }
        ByteBuffer file = BatchFile.of(blobs, Instant.ofEpochSecond(1_700_000_000L, 5));
        byte[] bytes = new byte[file.remaining()];
        file.get(bytes);
        return bytes;
    }

    /** Makes the checksum fit again, so that what lies behind it is reached. */
    private static void sign(byte[] file) {
        if (file.length < BlobFile.FOOTER) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file[file.length - 1] == 'A') {
            signBatch(bytes);
            return;
        }
        int footer = file.length - BlobFile.FOOTER;
        int metadata = bytes.getInt(footer + 8);
        if (metadata < 0 || metadata > footer) {
            return;
        }
        CRC32C crc = new CRC32C();
        crc.update(file, footer - metadata, metadata + BlobFile.FOOTER - 8);
        bytes.putInt(file.length - 8, (int) crc.getValue());
    }

    private static void signBatch(ByteBuffer bytes) {
        int footer = bytes.limit() - 16;
        int table = bytes.getInt(footer);
        if (table >= 0 && table <= footer) {
            CRC32C crc = new CRC32C();
            crc.update(bytes.slice(footer - table, table + 8));
            bytes.putInt(footer + 8, (int) crc.getValue());
        }
    }

    private static byte[] mutated(byte[] original, Random random) {
        byte[] file = original.clone();
        for (int changes = random.nextInt(1, 4); changes > 0 && file.length > 0; changes--) {
            // Most of a body is of no interest; the end is.
            int at = file.length - 1 - random.nextInt(Math.min(file.length, 140));
            switch (random.nextInt(6)) {
                case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> file[at] = (byte) random.nextInt();
                case 2 -> file[at] = new byte[] {0, -1, 127, -128}[random.nextInt(4)];
                case 3 -> file = Arrays.copyOf(file, random.nextInt(file.length + 1));
                case 4 -> file = Arrays.copyOfRange(file, random.nextInt(file.length), file.length);
                default -> {
                    int length = Math.min(random.nextInt(1, 9), file.length - at);
                    int from = random.nextInt(file.length - length + 1);
                    System.arraycopy(file, from, file, at, length);
                }
            }
        }
        if (random.nextInt(4) > 0) {
            sign(file);
        }
        return file;
    }

    @Test
    void whateverStandsInAFileItIsReadOrSaidToBeDamaged() throws IOException {
        byte[][] originals = {
            whole(new byte[0], Map.of()),
            whole("body".getBytes(UTF_8), Map.of("cumulative_hash_chain", "c".repeat(44))),
            whole(new byte[700], Map.of("a", "", "b", "grün", "c", "x".repeat(40))),
            batch(Map.of()),
            batch(Map.of("offset", "12345"))
        };
        int damaged = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED * ROUNDS + round);
            byte[] file = mutated(originals[random.nextInt(originals.length)], random);
            try {
                assertThat(read(file).size()).isBetween(0L, (long) file.length);
            } catch (ContainerException e) {
                assertThat(e.fault()).isEqualTo(Fault.DAMAGED);
                damaged++;
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "round " + round + " of seed " + SEED + ": " + Arrays.toString(file), e);
            }
        }
        assertThat(damaged).isGreaterThan(ROUNDS / 2).isLessThan(ROUNDS);
    }

    /** Files that were found broken once, and are kept. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "empty | offset 0: expected at least 52 bytes, found 0 in all",
                "shorter-than-a-footer | offset 0: expected at least 52 bytes, found 51 in all",
                "no-magic | offset 82: expected the magic 424c4246, found 424c4200",
                "newer-version | offset 74: expected format version 1, found version 2",
                "body-size-negative | offset 34: expected body and metadata of 34 bytes together,"
                        + " found -1 of body and 30 of metadata",
                "metadata-size-negative | offset 34: expected body and metadata of 34 bytes"
                        + " together, found 4 of body and -1 of metadata",
                "sizes-that-wrap-round | found 9223372036854775807 of body and",
                "wrong-checksum | offset 78: expected the checksum of metadata and footer",
                "name-longer-than-metadata | offset 4: expected a text of 65535 bytes, found 28"
                        + " left",
                "value-longer-than-metadata | offset 10: expected a text of 21 bytes, found 20"
                        + " left",
                "one-byte-of-a-length | expected the length of a text, found 1 bytes left",
                "name-without-value | expected the length of a text, found 0 bytes left",
                "name-twice | expected each name once, found 'name' again",
                "not-utf-8 | offset 6: expected UTF-8",
                "time-out-of-range | expected a time within 253402300799 s of 1970, found"
                        + " -9223372036854775808 s",
                "nanoseconds-out-of-range | and 1000000000 ns",
                "batch-newer-version | offset 136: expected format version 1, found version 2",
                "batch-table-longer-than-file | offset 132: expected a table of at most 132 bytes,"
                        + " found one of 1000",
                "batch-table-size-negative | offset 132: expected a table of at most 132 bytes,"
                        + " found one of -1",
                "batch-wrong-checksum | offset 140: expected the checksum of the table ",
                "batch-entry-cut | offset 108: expected an entry, found 5 bytes left",
                "batch-name-longer-than-table | offset 108: expected at most 108 bytes of a blob and"
                        + " 18 of its name, found 56 and 19",
                "batch-blob-longer-than-rest | offset 108: expected at most 108 bytes of a blob and"
                        + " 18 of its name, found 109 and 6",
                "batch-without-the-name | offset 108: expected a table with blob 00/000, found one of"
                        + " other blobs",
                "batch-blob-of-no-bytes | offset 0: expected at least 52 bytes, found 0 in all"
            })
    void aBrokenFileThatWasKeptIsSaidToBeDamaged(String name, String message) throws IOException {
        byte[] content;
        try (InputStream kept = BlobFileFuzzTest.class.getResourceAsStream("broken/" + name)) {
            content = Objects.requireNonNull(kept, name).readAllBytes();
        }
        assertThatThrownBy(() -> read(content))
                .isInstanceOfSatisfying(
                        ContainerException.class,
                        e -> assertThat(e.fault()).isEqualTo(Fault.DAMAGED))
                .hasMessageStartingWith("/fuzzed is damaged at offset ")
                .hasMessageContaining(message)
                .hasMessageEndingWith("it was left as it is, restore it from another copy");
    }
}
