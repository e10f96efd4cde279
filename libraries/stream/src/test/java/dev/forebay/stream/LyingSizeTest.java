package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Blobs that are announced larger than they are, or are larger than usual. */
class LyingSizeTest {
    private static final int USUAL = 4 << 20;

    /** Announces a size and gives fewer bytes. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Blob(BlobInfo info, byte[] bytes) implements OpenBlob {
        @Override
        public void transferTo(WritableByteChannel target) {
            try {
                for (int at = 0; at < bytes.length; at += 100_000) {
                    target.write(ByteBuffer.wrap(bytes, at, Math.min(100_000, bytes.length - at)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            end();
        }

        @Override
        public void readInto(ByteBuffer target) {
            target.put(bytes);
            end();
        }

        private void end() {
            if (bytes.length < info.size()) {
                throw new ContainerException(Fault.BROKEN_BODY, "ended early");
            }
        }

        @Override
        public void close() {}
    }

    private static Fetches.Answer fetch(BodyPool pool, long announced, byte[] sent) {
        BlobInfo info =
                new BlobInfo(
                        new BlobName("00/000"),
                        announced,
                        Md5.of(ByteBuffer.wrap(sent)),
                        Map.of(),
                        Instant.EPOCH);
        SeenContainer container =
                new SeenContainer(new MemoryContainer()) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        return new Lookup.Found(new Blob(info, sent));
                    }
                };
        Retry retry = new Retry(Clock.system(), Streams.READ.listener());
        return new Fetches(container, retry, Rules.SOUND, pool, Duration.ZERO)
                .fetch(info.name(), Wait.NONE, 1 << 30);
    }

    @Test
    void whatIsOnlyAnnouncedIsGivenNoMemory() {
        BodyPool pool = new BodyPool();
        assertThatThrownBy(() -> fetch(pool, 1 << 30, new byte[10]))
                .hasMessageContaining("ended early");
        assertThat(pool.take(1).capacity()).isEqualTo(USUAL);
        assertThatThrownBy(() -> fetch(pool, 1 << 30, new byte[3 * USUAL]))
                .hasMessageContaining("ended early");
        assertThat(pool.take(1).capacity()).isEqualTo(4 * USUAL);
    }

    @Test
    void aBlobThatIsLargerThanUsualComesWhole() {
        for (int size : new int[] {USUAL, USUAL + 1, 2 * USUAL, 11_111_111, 5 * USUAL}) {
            byte[] bytes = Streams.random(size, size);
            BodyPool pool = new BodyPool();
            if (!(fetch(pool, size, bytes) instanceof Fetches.Answer.Here here)) {
                throw new AssertionError("it did not come");
            }
            assertThat(here.body()).isEqualTo(ByteBuffer.wrap(bytes));
        }
    }
}
