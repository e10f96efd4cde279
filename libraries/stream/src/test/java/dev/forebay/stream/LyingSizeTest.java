package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
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
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Blobs that are announced larger than they are, or are larger than usual. */
class LyingSizeTest {
    private static final int USUAL = 4 << 20;

    /** Announces a size and gives fewer bytes. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Blob(BlobInfo info, byte[] bytes, AtomicLong taken) implements OpenBlob {
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
        public void readInto(Room room) {
            ByteBuffer body = ByteBuffer.wrap(bytes);
            while (body.hasRemaining()) {
                ByteBuffer target = room.next();
                taken.addAndGet(target.capacity());
                int length = Math.min(target.remaining(), body.remaining());
                target.put(body.slice(body.position(), length));
                body.position(body.position() + length);
            }
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

    private final MemoryBudget budget = MemoryBudget.of(ByteSize.ofMiB(2048), "the setting");
    private final AtomicLong taken = new AtomicLong();

    private Fetches.Answer fetch(long announced, byte[] sent) {
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
                        return new Lookup.Found(new Blob(info, sent, taken));
                    }
                };
        Retry retry = new Retry(Clock.system(), Streams.READ.listener());
        return new Fetches(container, retry, budget, Duration.ZERO)
                .fetch(info.name(), Wait.NONE, 1 << 30, new Fetches.Claiming.Needed());
    }

    @Test
    void memoryIsTakenForWhatComesAndNotForWhatIsAnnounced() {
        assertThatThrownBy(() -> fetch(1 << 30, new byte[10])).hasMessageContaining("ended early");
        assertThat(taken).hasValue(MemoryBudget.LARGEST_PIECE);
        taken.set(0);
        assertThatThrownBy(() -> fetch(1 << 30, new byte[3 * USUAL]))
                .hasMessageContaining("ended early");
        assertThat(taken).hasValue(3 * USUAL);
        assertThat(budget.claimed()).isEqualTo(ByteSize.of(0));
    }

    @Test
    void blobOfAnySizeComesWholeAndItsMemoryIsGivenBack() {
        for (int size : new int[] {1, 4096, USUAL, USUAL + 1, 2 * USUAL, 11_111_111}) {
            byte[] bytes = Streams.random(size, size);
            if (!(fetch(size, bytes) instanceof Fetches.Answer.Here(_, Fetched body))) {
                throw new AssertionError("it did not come");
            }
            assertThat(Md5.of(body.pieces())).isEqualTo(Md5.of(ByteBuffer.wrap(bytes)));
            assertThat(budget.claimed().bytes()).isEqualTo(MemoryBudget.roomFor(size));
            body.close();
            assertThat(budget.claimed()).isEqualTo(ByteSize.of(0));
        }
    }
}
