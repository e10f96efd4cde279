package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.blob.Container;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
    @Test
    void helloIsWrittenAsOnTheWire() {
        MemoryContainer container = new MemoryContainer();
        WriteResult result = Streams.write(container, "Hello".getBytes(StandardCharsets.UTF_8));
        assertThat(container.names())
                .extracting(Object::toString)
                .containsExactly(".bufferend", ".bufferstart", "00/000", "00/001");
        assertThat(new String(container.body(EndMarker.NAME), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"status\":\"complete\",\"isComplete\":true,\"blobCount\":1,"
                                + "\"blobSize\":5,\"totalSize\":5,\"failed\":false,"
                                + "\"hashChain\":\"LV4PrI5mIT9mYkXErCiaIwlu8B8xxyHjH0UKfSKNt2w=\"}");
        assertThat(new String(container.body(StartMarker.NAME), StandardCharsets.UTF_8))
                .startsWith("{\"version\":\"0.3.0\",\"writer\":\"");
        assertThat(container.info(BlobNumber.nameOf(0)).metadata())
                .containsEntry(
                        "cumulative_hash_chain", "Be2sTc2k0VLW0/rZazR8uFCREuD5k1d9OtCAk14ns4U=");
        assertThat(container.body(BlobNumber.nameOf(1))).isEmpty();
        assertThat(result)
                .returns(5L, WriteResult::bytes)
                .returns(1L, WriteResult::blobs)
                .returns(Durability.SYNCED, WriteResult::durability);
        assertThat(Streams.read(container)).asString(StandardCharsets.UTF_8).isEqualTo("Hello");
    }

    @Test
    void anEmptyInputIsOneEmptyBlob() {
        MemoryContainer container = new MemoryContainer();
        Streams.write(container, new byte[0]);
        assertThat(container.names()).hasSize(3);
        assertThat(Streams.read(container)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whatGoesInComesOutWhileItIsWritten(long seed) throws Exception {
        Random random = new Random(seed);
        MemoryContainer container = new MemoryContainer();
        roundTrip(random, container, container, 1 << random.nextInt(18));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyClassOfFaultOneInTwentyChangesNothing(long seed) throws Exception {
        withFaults(seed, new MemoryContainer());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theSameFaultsOfBlobsThatArePutTogetherChangeNothing(long seed) throws Exception {
        MemoryContainer inner = new MemoryContainer();
        inner.takeTogether(5);
        withFaults(seed, inner);
        assertThat(inner.mostTogether()).isBetween(2, 5);
    }

    private static void withFaults(long seed, MemoryContainer inner) throws Exception {
        FaultyContainer container = new FaultyContainer(inner, seed, 20);
        Random random = new Random(seed);
        Retries[] retries = roundTrip(random, container, container, 60_000);
        assertThat(container.injected().values().stream().mapToLong(Long::longValue).sum())
                .isPositive();
        long counted = retries[0].total() + retries[1].total();
        long injected =
                container.wrongDigests()
                        + container.injected().values().stream().mapToLong(Long::longValue).sum();
        assertThat(counted).isEqualTo(injected);
        container
                .injected()
                .forEach((fault, count) ->
                        assertThat(
                                        retries[0].byFault().getOrDefault(fault, 0L)
                                                + retries[1].byFault().getOrDefault(fault, 0L))
                                .as(fault.name())
                                .isEqualTo(count));
    }

    /**
     * Runs at a quarter of the speed, so that every fault is counted on a busy machine too: what a
     * thread meets after its grace is in no result.
     */
    private static final Clock SLOW =
            new Clock() {
                private static final int SLOWER = 4;

                @Override
                public long nanos() {
                    return Clock.system().nanos() / SLOWER;
                }

                @Override
                public Instant wall() {
                    return Clock.system().wall();
                }

                @Override
                public void await(Lock lock, Condition condition, long deadline)
                        throws InterruptedException {
                    Clock.system().await(lock, condition, deadline * SLOWER);
                }
            };

    private static Retries[] roundTrip(Random random, Container to, Container from, int size)
            throws Exception {
        byte[] bytes = Streams.random(random.nextLong(), random.nextInt(size) + size / 2);
        WriteOptions write =
                WriteOptions.defaults()
                        .withDop(1 + random.nextInt(8))
                        .withBlockSize(ByteSize.of(500 + random.nextInt(5000)))
                        .withFlushInterval(
                                random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(2))
                        .withClock(SLOW);
        ReadOptions read = ReadOptions.defaults().withDop(1 + random.nextInt(8)).withClock(SLOW);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ReadResult> reading =
                    threads.submit(
                            () -> new BufferReader(from, read).read(Channels.newChannel(out)));
            WriteResult written = new BufferWriter(to, write).write(Streams.channel(bytes));
            ReadResult result = reading.get();
            assertThat(out.toByteArray()).isEqualTo(bytes);
            assertThat(result.hashChain()).isEqualTo(written.hashChain());
            assertThat(result.blobs()).isEqualTo(written.blobs());
            assertThat(result.bytes()).isEqualTo(bytes.length);
            return new Retries[] {written.retries(), result.retries()};
        }
    }
}
