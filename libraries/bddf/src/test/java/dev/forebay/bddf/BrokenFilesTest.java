package dev.forebay.bddf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.bddf.BddfException.Fault;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cut, changed and hostile files: a clear error, and never a wrong block. */
class BrokenFilesTest {
    /** Reads as far as possible by both readers; any failure but a {@link BddfException} fails. */
    private static List<String> readAll(byte[] file) throws IOException {
        BddfFile random = BddfFile.open(Source.of(file));
        for (int series = 0; series < random.identifiers().size(); series++) {
            for (int i = 0; i < random.series(series).blocks().count(); i++) {
                random.read(series, i);
            }
        }
        return Samples.read(file);
    }

    @Test
    void fileThatIsCutAnywhereIsRefusedByBothReaders() throws IOException {
        byte[] whole = Samples.mixed(Checksum.SHA1, 5);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Samples.read(cut))
                    .as("stream of %d bytes", length)
                    .isInstanceOf(BddfException.class);
            assertThatThrownBy(() -> BddfFile.open(Source.of(cut)))
                    .as("file of %d bytes", length)
                    .isInstanceOf(BddfException.class);
        }
    }

    @Test
    void everyChangedByteIsFoundByTheStreamReaderOrChangesNothing() throws IOException {
        byte[] whole = Samples.mixed(Checksum.SHA1, 4);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 0x10;
            // The size of the end header is the one field that readers of the reference ignore too,
            // and even that is covered by the checksum.
            assertThatThrownBy(() -> Samples.read(changed))
                    .as("byte %d changed", at)
                    .isInstanceOf(BddfException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomChangesEndInABlockOrAClearError(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] whole = Samples.mixed(Checksum.NONE, 3);
        for (int round = 0; round < 5000; round++) {
            byte[] changed = whole.clone();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                readAll(changed);
            } catch (BddfException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    /** A few bytes changed, a range cut out or doubled, the end cut off. */
    private static byte[] broken(byte[] whole, Random random) {
        byte[] bytes = whole;
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            int at = random.nextInt(bytes.length);
            int other = random.nextInt(bytes.length);
            bytes =
                    switch (random.nextInt(3)) {
                        case 0 -> joined(bytes, at, other);
                        case 1 -> Arrays.copyOf(bytes, at + 1);
                        default -> {
                            byte[] changed = bytes.clone();
                            changed[at] = (byte) random.nextInt();
                            yield changed;
                        }
                    };
        }
        return bytes;
    }

    /** The bytes in front of {@code until} and those from {@code from} on. */
    private static byte[] joined(byte[] bytes, int until, int from) {
        byte[] joined = Arrays.copyOf(bytes, until + bytes.length - from);
        System.arraycopy(bytes, from, joined, until, bytes.length - from);
        return joined;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void splicedFileEndsInABlockOrAClearError(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] whole = Samples.mixed(Checksum.NONE, 4);
        for (int round = 0; round < 3000; round++) {
            try {
                readAll(broken(whole, random));
            } catch (BddfException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    /** Only a page without an end: one that has an end is taken for whole. */
    @Test
    void whateverWasCutAndBrokenIsReadableAfterARecovery() throws IOException {
        Random random = new Random(7);
        Path page = Path.of("/page.bddf");
        int recovered = 0;
        for (int round = 0; round < 1500; round++) {
            byte[] whole = Samples.mixed(Checksum.NONE, 4);
            byte[] left = broken(Arrays.copyOf(whole, whole.length - 200), random);
            SimulatedDisk disk = new SimulatedDisk();
            try (DiskFile file = disk.open(page, Disk.Access.CREATE)) {
                file.writeFully(ByteBuffer.wrap(left), 0);
            }
            try {
                BddfRecovery.recover(disk, page, Path.of("/page.index"));
            } catch (BddfException e) {
                continue; // Its first block cannot be read.
            }
            try (DiskFile file = disk.open(page, Disk.Access.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
                file.readFully(bytes, 0);
                readAll(bytes.array());
            } catch (BddfException e) {
                throw new AssertionError("round " + round + " is unreadable", e);
            }
            recovered++;
        }
        assertThat(recovered).isGreaterThan(500);
    }

    @Test
    void lieAboutASizeCostsNoMemory() throws IOException {
        byte[] file = Samples.WORKED.clone();
        file[107 + 6] = 0x7F; // The size of the data block becomes 2^54 and more.
        assertThatThrownBy(() -> Samples.read(file))
                .isInstanceOfSatisfying(
                        BddfException.class, e -> assertThat(e.fault()).isEqualTo(Fault.TOO_LARGE))
                .hasMessageContaining("block at 107 has")
                .hasMessageContaining("the limit of this reader is 134217728");
    }

    @Test
    void otherVersionAndUnknownChecksumAreNamed() {
        byte[] version = Samples.WORKED.clone();
        version[17] = 2;
        assertThatThrownBy(() -> Samples.read(version)).hasMessage("version 2.0.0; expected 1.0.0");
        byte[] checksum = Samples.WORKED.clone();
        checksum[27] = 3;
        assertThatThrownBy(() -> Samples.read(checksum))
                .hasMessage("checksum type 3 of 20 bytes; expected type 1 or 2 of 20");
    }

    @Test
    void otherFilesAreNotBddf() {
        for (String text : List.of("", "BDD", "PK\u0003\u0004 and more", "bddf")) {
            assertThatThrownBy(() -> Samples.read(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(BddfException.class);
        }
    }
}
