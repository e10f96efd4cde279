package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs whose bodies come in pieces. */
class SpooledBlobTest {
    private static final BlobName NAME = new BlobName("00/000");
    private static final int MIB = 1 << 20;

    @TempDir Path temporary;
    private final DataPlane plane = new DataPlane();
    private final HttpContainer container =
            new HttpContainer(AccessUrlSource.fixed(plane.url("?sig=x")));

    @AfterEach
    void close() {
        container.close();
        plane.close();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private SpooledBlob stage() {
        return new SpooledBlob(container, NAME, temporary, SpooledBlob.LARGEST);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB})
    void whatComesInPiecesArrivesWhole(int size) throws Exception {
        byte[] bytes = random(size);
        try (SpooledBlob staged = stage()) {
            for (int at = 0; at < size; at += 300_000) {
                staged.write(ByteBuffer.wrap(bytes, at, Math.min(300_000, size - at)));
            }
            try (var left = Files.list(temporary)) {
                assertThat(left).as("its file has no name").isEmpty();
            }
            assertThat(staged.commit(null, Map.of("chain", "x")))
                    .isInstanceOf(PutResult.Created.class);
        }
        assertThat(plane.container.body(NAME)).isEqualTo(bytes);
        assertThat(plane.container.info(NAME).metadata()).isEqualTo(Map.of("chain", "x"));
    }

    @Test
    void aContainerStagesThisWay() {
        try (StagedBlob staged = container.stage(NAME)) {
            staged.write(ByteBuffer.wrap(random(10)));
            assertThat(staged.commit(Md5.of(ByteBuffer.wrap(random(10))), Map.of()))
                    .isInstanceOf(PutResult.Created.class);
        }
        assertThat(plane.container.body(NAME)).isEqualTo(random(10));
    }

    @Test
    void aBodyThatIsNotWhatWasAnnouncedIsNotSent() {
        try (SpooledBlob staged = stage()) {
            staged.write(ByteBuffer.wrap(random(10)));
            assertThat(staged.commit(Md5.OF_NOTHING, Map.of()))
                    .isInstanceOf(PutResult.DigestMismatch.class);
        }
        assertThat(plane.requests).isEmpty();
    }

    @Test
    void aHundredMebibytesTakeThreeOfMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer piece = ByteBuffer.allocateDirect(MIB);
        long before = threads.getCurrentThreadAllocatedBytes();
        try (SpooledBlob staged = stage()) {
            for (int i = 0; i < 100; i++) {
                staged.write(piece.clear());
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            // Doubling up to 1 MiB, and what a digest of foreign memory copies through.
            assertThat(allocated).isLessThan(3 * MIB);
        }
    }

    @Test
    void oneThatIsLargerThanServersTakeIsRefusedBeforeItIsSent() {
        try (SpooledBlob staged = new SpooledBlob(container, NAME, temporary, 2 * MIB)) {
            staged.write(ByteBuffer.allocate(2 * MIB));
            assertThatThrownBy(() -> staged.write(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.BAD_REQUEST))
                    .hasMessageContaining("2097153 bytes or more, at most 2097152");
        }
        assertThat(plane.requests).isEmpty();
    }
}
