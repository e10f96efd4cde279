package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.NotEnoughMemoryException;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transfers whose settings and memory do not fit together. */
class MemoryBudgetTest {
    private static final int MIB = 1 << 20;

    private final MemoryContainer container = new MemoryContainer();

    private static MemoryBudget budget(int mib) {
        return MemoryBudget.of(ByteSize.ofMiB(mib), "the setting");
    }

    private WriteResult write(MemoryBudget memory, int block, int dop, byte[] bytes) {
        WriteOptions options =
                WriteOptions.defaults()
                        .withBlockSize(ByteSize.of(block))
                        .withDop(dop)
                        .withFlushInterval(Duration.ZERO)
                        .withMemory(memory);
        return new BufferWriter(container, options).write(Streams.channel(bytes));
    }

    private byte[] read(MemoryBudget memory, int dop) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ReadOptions options =
                ReadOptions.defaults().withDop(dop).withRetryTime(Duration.ZERO).withMemory(memory);
        new BufferReader(container, options).read(Channels.newChannel(out));
        return out.toByteArray();
    }

    /** Memory of one block, of little more, of several; and many more at a time than fit. */
    @ParameterizedTest
    @CsvSource({"1,1,1024", "1,1,1", "1,2,32", "2,3,32", "1,8,1024", "3,4,16"})
    void blocksInFlightShrinkToFitTheMemory(int block, int memory, int dop) {
        byte[] bytes = Streams.random(dop, 9 * MIB + 5);
        MemoryBudget writing = budget(memory);
        assertThat(write(writing, block * MIB, dop, bytes).bytes()).isEqualTo(bytes.length);
        assertThat(writing.claimed().bytes()).isZero();
        MemoryBudget reading = budget(memory);
        assertThat(read(reading, dop)).isEqualTo(bytes);
        assertThat(reading.claimed().bytes()).isZero();
    }

    @Test
    void writerWhoseBlockDoesNotFitIsRefusedBeforeItsFirstByte() {
        assertThatThrownBy(() -> write(budget(4), 5 * MIB, 16, new byte[10]))
                .isInstanceOf(NotEnoughMemoryException.class)
                .hasMessageContainingAll("a block of 5 MiB", "needs 5 MiB", "4 MiB", "the setting");
        assertThat(container.names()).isEmpty();
    }

    @Test
    void readerIsRefusedAtTheAnnouncedSizeAndNothingIsRead() {
        write(budget(64), 5 * MIB, 2, Streams.random(1, 6 * MIB));
        List<BlobName> opened = new CopyOnWriteArrayList<>();
        SeenContainer watched =
                new SeenContainer(container) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        return super.get(name, wait) instanceof Lookup.Found(var blob)
                                ? new Lookup.Found(
                                        new SeenBlob(blob) {
                                            @Override
                                            public void readInto(Room room) {
                                                opened.add(name);
                                                super.readInto(room);
                                            }
                                        })
                                : new Lookup.Absent(false);
                    }
                };
        ReadOptions options = ReadOptions.defaults().withMemory(budget(4));
        assertThatThrownBy(() ->
                        new BufferReader(watched, options)
                                .read(Channels.newChannel(new ByteArrayOutputStream())))
                .isInstanceOf(NotEnoughMemoryException.class)
                .hasMessageContainingAll("00/000", "5 MiB", "4 MiB", "the setting");
        assertThat(opened).containsOnly(StartMarker.NAME, EndMarker.NAME);
    }

    @Test
    void memoryOfOtherTransfersIsWaitedForAndThenNamed() {
        write(budget(64), MIB, 2, Streams.random(1, 2 * MIB));
        MemoryBudget shared = budget(4);
        shared.claimFirst(4 * MIB);
        assertThatThrownBy(() -> read(shared, 2))
                .isInstanceOf(NotEnoughMemoryException.class)
                .hasMessageContaining("other transfers held 4 MiB");
        assertThat(shared.claimed()).isEqualTo(shared.total());
    }

    @Test
    void blobsOfDifferentSizesAreReadInTheMemoryOfTheLargest() {
        byte[] bytes = Streams.random(1, 20 * MIB);
        HeldSizes sizes = new HeldSizes(bytes, 100_000, 2 * MIB, 5000, 4 * MIB, 1, 3 * MIB, MIB);
        sizes.writeTo(container);
        MemoryBudget memory = budget(4);
        AtomicReference<byte[]> out = new AtomicReference<>();
        assertThatCode(() -> out.set(read(memory, 8))).doesNotThrowAnyException();
        assertThat(out.get()).isEqualTo(sizes.written());
        assertThat(memory.claimed().bytes()).isZero();
    }
}
