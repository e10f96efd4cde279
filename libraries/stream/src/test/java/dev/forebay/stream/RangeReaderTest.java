package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Parts of complete buffers, with blocks that are even and with blocks that are not. */
class RangeReaderTest {
    private final MemoryContainer stored = new MemoryContainer();
    private final List<BlobName> heads = new ArrayList<>();
    private final List<BlobName> gets = new ArrayList<>();

    /** Counts what is asked for. */
    private final Container container =
            new SeenContainer(stored) {
                @Override
                public Optional<BlobInfo> head(BlobName name) {
                    heads.add(name);
                    return super.head(name);
                }

                @Override
                public Lookup get(BlobName name, Wait wait) {
                    gets.add(name);
                    return super.get(name, wait);
                }
            };

    private BlockMap map() {
        return switch (BufferEnd.of(container, Streams.READ)) {
            case BufferEnd.Complete(EndMarker marker) ->
                    BlockMap.of(container, marker, Streams.READ);
            case BufferEnd other -> throw new AssertionError(other);
        };
    }

    private byte[] read(BlockMap map, long from, long count) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new RangeReader(container, Streams.READ).read(map, from, count, Channels.newChannel(out));
        return out.toByteArray();
    }

    /** Writes blocks of these sizes as a writer that says no more than the reference's. */
    private byte[] writeUneven(int... sizes) {
        byte[] bytes = writeBlocks(false, sizes);
        putEnd("{\"status\":\"complete\"}");
        return bytes;
    }

    /** Writes blocks of these sizes as ours does when the flush interval closes them. */
    private byte[] writeFlushed(int... sizes) {
        byte[] bytes = writeBlocks(true, sizes);
        String chain = HashChain.of(stored.info(BlobNumber.nameOf(sizes.length)));
        EndMarker end = EndMarker.complete(sizes.length, OptionalLong.empty(), bytes.length, chain);
        stored.put(EndMarker.NAME, end.body(), null, Map.of());
        return bytes;
    }

    private byte[] writeBlocks(boolean offsets, int... sizes) {
        byte[] bytes = Streams.random(11, Arrays.stream(sizes).sum());
        String chain = HashChain.START;
        int at = 0;
        for (int i = 0; i <= sizes.length; i++) {
            int size = i < sizes.length ? sizes[i] : 0;
            ByteBuffer body = ByteBuffer.wrap(bytes, at, size).slice();
            chain = HashChain.next(chain, Md5.of(body));
            Map<String, String> metadata = new HashMap<>(Map.of(HashChain.METADATA_KEY, chain));
            if (offsets) {
                metadata.put(BlockMap.OFFSET_KEY, Integer.toString(at));
            }
            stored.put(BlobNumber.nameOf(i), body, null, metadata);
            at += size;
        }
        return bytes;
    }

    private void putEnd(String text) {
        ByteBuffer body = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        stored.put(EndMarker.NAME, body, null, Map.of());
    }

    private void assertAnyPartIsRead(byte[] bytes) throws IOException {
        BlockMap map = map();
        assertThat(map.size()).isEqualTo(bytes.length);
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            int from = random.nextInt(bytes.length);
            int count = 1 + random.nextInt(bytes.length - from);
            assertThat(read(map, from, count))
                    .as("%d bytes from %d", count, from)
                    .isEqualTo(Arrays.copyOfRange(bytes, from, from + count));
        }
        assertThat(read(map, 0, bytes.length)).isEqualTo(bytes);
        assertThat(read(map, bytes.length, 0)).isEmpty();
    }

    @Test
    void anyPartOfEvenBlocksIsRead() throws IOException {
        byte[] bytes = Streams.random(1, 5300);
        WriteResult written = Streams.write(stored, bytes);
        assertThat(map().hashChain()).isEqualTo(written.hashChain());
        assertAnyPartIsRead(bytes);
    }

    @Test
    void anyPartOfUnevenBlocksIsRead() throws IOException {
        assertAnyPartIsRead(writeUneven(1, 700, 3, 1000, 64, 1, 1, 2000, 17));
    }

    @Test
    void partOfEvenBlocksIsFoundWithoutAskingForOthers() throws IOException {
        byte[] bytes = Streams.random(1, 50_000);
        Streams.write(stored, bytes);
        BlockMap map = map();
        assertThat(heads).isEmpty();
        gets.clear();
        assertThat(read(map, 30_500, 1000)).isEqualTo(Arrays.copyOfRange(bytes, 30_500, 31_500));
        assertThat(gets).containsExactly(BlobNumber.nameOf(30), BlobNumber.nameOf(31));
        assertThat(heads).containsExactly(BlobNumber.nameOf(29)); // For its place in the chain.
    }

    @Test
    void anyPartOfUnevenBlocksWithOffsetsIsRead() throws IOException {
        assertAnyPartIsRead(writeFlushed(1, 700, 3, 1000, 64, 1, 1, 2000, 17));
    }

    @Test
    void partOfUnevenBlocksWithOffsetsIsFoundByBisection() throws IOException {
        int[] sizes = new Random(3).ints(10_000, 1, 40).toArray();
        byte[] bytes = writeFlushed(sizes);
        Random random = new Random(4);
        for (int i = 0; i < 100; i++) {
            heads.clear();
            gets.clear();
            int from = random.nextInt(bytes.length - 10);
            assertThat(read(map(), from, 10)).isEqualTo(Arrays.copyOfRange(bytes, from, from + 10));
            // The last block for the map, 14 by bisection, one for its place in the chain.
            assertThat(heads.size()).as("heads from %d", from).isLessThanOrEqualTo(16);
            assertThat(gets.size()).as("gets from %d", from).isLessThanOrEqualTo(11);
        }
    }

    @Test
    void writerSaysOfEachBlockWhereItBegins() {
        Streams.write(stored, Streams.random(1, 5300));
        for (int i = 0; i <= 6; i++) {
            assertThat(stored.info(BlobNumber.nameOf(i)).metadata())
                    .as("block %d", i)
                    .containsEntry(BlockMap.OFFSET_KEY, Integer.toString(Math.min(1000 * i, 5300)));
        }
    }

    private void rewriteOffset(int block, String offset) {
        BlobInfo info = stored.info(BlobNumber.nameOf(block));
        Map<String, String> metadata = new HashMap<>(info.metadata());
        metadata.put(BlockMap.OFFSET_KEY, offset);
        stored.overwrite(info.name(), stored.body(info.name()), info.md5(), metadata);
    }

    @Test
    void nothingIsReleasedFromABlockThatSaysItBeginsElsewhere() {
        writeFlushed(10, 20, 30, 40);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String offset : new String[] {"29", "31", "9", "70", "-1", "x"}) {
            rewriteOffset(2, offset);
            assertThatThrownBy(
                            () -> {
                                RangeReader reader = new RangeReader(container, Streams.READ);
                                reader.read(map(), 35, 2, Channels.newChannel(out));
                            })
                    .as(offset)
                    .isInstanceOf(DamagedException.class)
                    .hasMessageMatching("blob 00/00[12] .*");
            assertThat(out.size()).isZero();
        }
    }

    @Test
    void unevenBlocksAreMeasuredOnceAndThenFoundFromTheNearestSample() throws IOException {
        int blobs = 3 * BlockMap.MOST_SAMPLES;
        int[] sizes = new int[blobs];
        Arrays.setAll(sizes, i -> 1 + i % 3);
        byte[] bytes = writeUneven(sizes);
        BlockMap map = map();
        assertThat(heads).hasSize(blobs + 1);
        heads.clear();
        gets.clear();
        int from = bytes.length - 20;
        assertThat(read(map, from, 4)).isEqualTo(Arrays.copyOfRange(bytes, from, from + 4));
        assertThat(gets.size()).isLessThanOrEqualTo(4);
        assertThat(heads.size()).isLessThanOrEqualTo(5);
    }

    private EndMarker end() {
        return ((BufferEnd.Complete) BufferEnd.of(container, Streams.READ)).marker();
    }

    private Optional<BlockMap> restored(byte[] kept) {
        return BlockMap.restored(kept, container, end(), Streams.READ);
    }

    @Test
    void layoutThatWasKeptIsTakenAfterOneQuestion() throws IOException {
        byte[] bytes = writeUneven(new Random(3).ints(20_000, 1, 4).toArray());
        byte[] kept = map().stored().orElseThrow();
        assertThat(kept.length).isLessThanOrEqualTo((64 << 10) + 200);
        Random random = new Random(4);
        for (int i = 0; i < 100; i++) {
            heads.clear();
            int from = random.nextInt(bytes.length - 3);
            BlockMap map = restored(kept).orElseThrow();
            assertThat(heads).containsExactly(BlobNumber.nameOf(20_000));
            assertThat(read(map, from, 3)).isEqualTo(Arrays.copyOfRange(bytes, from, from + 3));
            // Up to the 4 blocks of a sample, and one for its place in the chain.
            assertThat(heads.size()).as("heads from %d", from).isLessThanOrEqualTo(1 + 4 + 1);
        }
        assertThat(restored(kept).orElseThrow().hashChain()).isEqualTo(map().hashChain());
    }

    @Test
    void layoutOfAnotherBufferOrOneThatIsDamagedIsNotTaken() {
        writeUneven(10, 20, 30);
        byte[] kept = map().stored().orElseThrow();
        for (int i = 0; i < kept.length; i++) {
            byte[] damaged = kept.clone();
            damaged[i] ^= 1;
            assertThat(restored(damaged)).as("byte %d", i).isEmpty();
            assertThat(restored(Arrays.copyOf(kept, i))).as("%d bytes", i).isEmpty();
        }
        assertThat(restored(kept)).isPresent();
        // Other content of the same sizes, under an end marker of the same words.
        for (int i = 0; i <= 3; i++) {
            stored.remove(BlobNumber.nameOf(i));
        }
        assertThat(restored(kept)).isEmpty();
        byte[] other = Streams.random(12, 60);
        String chain = HashChain.START;
        int at = 0;
        int number = 0;
        for (int size : new int[] {20, 10, 30, 0}) {
            ByteBuffer body = ByteBuffer.wrap(other, at, size).slice();
            chain = HashChain.next(chain, Md5.of(body));
            stored.put(
                    BlobNumber.nameOf(number++), body, null, Map.of(HashChain.METADATA_KEY, chain));
            at += size;
        }
        assertThat(restored(kept)).isEmpty();
        assertThat(map().size()).isEqualTo(60);
    }

    @Test
    void onlyWhatWasMeasuredIsKept() {
        Streams.write(stored, Streams.random(1, 5300));
        assertThat(map().stored()).isEmpty();
        assertThat(BlockMap.announced(container, end(), Streams.READ)).isPresent();
    }

    @Test
    void stepsOfManyThreadsAskEachBlobOnceAndFindTheSame() throws Exception {
        byte[] bytes = writeUneven(new Random(3).ints(5000, 1, 4).toArray());
        List<BlobName> asked = Collections.synchronizedList(new ArrayList<>());
        Container counted =
                new SeenContainer(stored) {
                    @Override
                    public Optional<BlobInfo> head(BlobName name) {
                        asked.add(name);
                        return super.head(name);
                    }
                };
        BlockMeasurement measurement = new BlockMeasurement(end());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<BlockMap>> found = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                found.add(
                        threads.submit(() -> {
                            while (true) {
                                var map = measurement.step(counted, Streams.READ, 7);
                                if (map.isPresent()) {
                                    return map.get();
                                }
                            }
                        }));
            }
            for (Future<BlockMap> each : found) {
                assertThat(each.get().size()).isEqualTo(bytes.length);
            }
        }
        assertThat(asked).hasSize(5001).doesNotHaveDuplicates();
        assertThat(measurement.asked()).isEqualTo(5001);
    }

    @Test
    void stepThatFailsIsMadeAgainFromTheSameBlob() {
        writeUneven(10, 20, 30);
        BlobInfo info = stored.info(BlobNumber.nameOf(2));
        byte[] body = stored.body(info.name());
        stored.remove(info.name());
        BlockMeasurement measurement = new BlockMeasurement(end());
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> measurement.step(container, Streams.READ, 100))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("00/002");
            assertThat(measurement.asked()).isEqualTo(2);
        }
        stored.put(info.name(), ByteBuffer.wrap(body), null, info.metadata());
        heads.clear();
        assertThat(measurement.step(container, Streams.READ, 100).orElseThrow().size())
                .isEqualTo(60);
        assertThat(heads).hasSize(2);
    }

    @Test
    void nothingOfABlockThatIsNotWhatWasWrittenIsReleased() {
        byte[] bytes = Streams.random(1, 5000);
        Streams.write(stored, bytes);
        BlobInfo info = stored.info(BlobNumber.nameOf(2));
        byte[] body = stored.body(info.name());
        body[999] ^= 1;
        stored.overwrite(info.name(), body, info.md5(), info.metadata());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RangeReader reader = new RangeReader(container, Streams.READ);
        assertThatThrownBy(() -> reader.read(map(), 2000, 10, Channels.newChannel(out)))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("MD5 mismatch");
        assertThat(out.size()).isZero();
    }

    @Test
    void blockOfAnotherPlaceIsDamage() {
        Streams.write(stored, Streams.random(1, 5000));
        BlobInfo other = stored.info(BlobNumber.nameOf(3));
        stored.overwrite(
                BlobNumber.nameOf(2), stored.body(other.name()), other.md5(), other.metadata());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RangeReader reader = new RangeReader(container, Streams.READ);
        assertThatThrownBy(() -> reader.read(map(), 2000, 10, Channels.newChannel(out)))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("hash chain mismatch");
        assertThat(out.size()).isZero();
    }

    @Test
    void endMarkerThatDoesNotFitTheBlobsIsDamage() {
        writeUneven(10, 20, 30);
        stored.remove(EndMarker.NAME);
        putEnd("{\"status\":\"complete\",\"totalSize\":61}");
        assertThatThrownBy(this::map)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("61");
        stored.remove(EndMarker.NAME);
        putEnd(
                "{\"status\":\"complete\",\"blobCount\":3,\"blobSize\":21,\"totalSize\":60,"
                        + "\"hashChain\":\"x\"}");
        assertThatThrownBy(() -> read(map(), 0, 5))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("has 10 bytes");
    }

    @Test
    void endOfABufferIsToldByItsMarker() {
        assertThat(BufferEnd.of(container, Streams.READ)).isEqualTo(new BufferEnd.Open());
        putEnd("{\"status\":\"failed\"}");
        assertThat(BufferEnd.of(container, Streams.READ)).isEqualTo(new BufferEnd.Failed());
    }
}
