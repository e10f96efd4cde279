package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The log keeps within its allowance; what goes is what matters least, and is counted. */
class RetentionTest {
    private static final int KIB = 1024;
    private static final DataLogSettings SETTINGS =
            Logs.SMALL
                    .withAllowance(ByteSize.ofMiB(2))
                    .withPage(Trigger.bytes(64 * KIB))
                    .withNearComment(Duration.ofSeconds(10));

    private final SimulatedDisk disk = new SimulatedDisk();

    private DataLog open(DataLogSettings settings) {
        return DataLog.open(disk, Clock.system(), Logs.FOLDER, settings);
    }

    private static Entry blob(String channel, long second) {
        return new Entry.Blob(
                OptionalLong.of(second * Logs.SECOND),
                channel,
                "test.Blob",
                "",
                ByteBuffer.allocate(16 * KIB));
    }

    private static void record(DataLog log, Entry... entries) {
        assertThat(log.record(List.of(entries), Durability.WRITTEN).refusals()).isEmpty();
    }

    private long bytesOnDisk() throws IOException {
        long sum = 0;
        for (Path path : disk.list(Logs.FOLDER.resolve("pages"))) {
            sum += disk.stat(path).map(Disk.Entry::size).orElse(0L);
        }
        return sum;
    }

    /** As of a client that puts the time into the name of the channel. */
    @Test
    void pagesOfEverNewChannelsGoBeforeTheirSummariesFillTheMemory() {
        int count = 20_000;
        DataLogSettings settings = SETTINGS.withSummaries(ByteSize.ofMiB(1));
        try (DataLog log = open(settings.withAllowance(ByteSize.ofMiB(64)))) {
            List<Entry> some = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                some.add(
                        new Entry.Blob(
                                OptionalLong.of(i),
                                "channel at " + i,
                                "test.Blob",
                                "",
                                ByteBuffer.allocate(1)));
                if (some.size() == 100) {
                    record(log, some.toArray(Entry[]::new));
                    some.clear();
                }
            }
            Ledger ledger = log.ledger();
            assertThat(ledger.held()).as("%s", ledger).isBetween(1500L, 4000L);
            assertThat(ledger.lost().get(Loss.EVICTED)).isEqualTo(count - ledger.held());
        }
        try (DataLog log = open(settings)) {
            assertThat(log.status().blobs()).hasSizeBetween(1500, 4000);
        }
    }

    /** Otherwise a log of many pages with few channels would go for its memory. */
    @Test
    void channelOfManyPagesIsHeldOnce() {
        SummaryMemory memory = new SummaryMemory();
        List<PageSummary> pages = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            SeriesKey key = new SeriesKey(Kind.BLOB, "arm", "image", "");
            TimeRange range = new TimeRange(i, i);
            pages.add(
                    memory.add(
                            new PageSummary(
                                    i,
                                    100,
                                    false,
                                    false,
                                    List.of(new SeriesSummary(key, 1, 0, 1, range)),
                                    List.of())));
        }
        assertThat(pages)
                .allSatisfy(page ->
                        assertThat(page.series().getFirst().key())
                                .isSameAs(pages.getFirst().series().getFirst().key()));
        assertThat(memory.bytes())
                .isLessThan(1000 * SummaryMemory.of(pages.getFirst().series().getFirst().key()));
        pages.forEach(memory::remove);
        assertThat(memory.bytes()).isZero();
    }

    @Test
    void oldestGoFirstAndTheAllowanceIsNeverExceededByMoreThanAPage() throws Exception {
        try (DataLog log = open(SETTINGS)) {
            long page = 64 * KIB + 17 * KIB;
            for (int second = 0; second < 400; second++) {
                record(log, blob("b", second));
                assertThat(bytesOnDisk()).isLessThanOrEqualTo(2048 * KIB + 256 * KIB + page);
            }
            Ledger ledger = log.ledger();
            assertThat(bytesOnDisk()).isLessThanOrEqualTo(2048 * KIB);
            assertThat(ledger.balances()).as("%s", ledger).isTrue();
            assertThat(ledger.taken()).isEqualTo(400);
            assertThat(ledger.lost().get(Loss.EVICTED)).isEqualTo(400 - ledger.held());
            assertThat(ledger.held()).isBetween(100L, 130L);
            TimeRange held = new TimeRange((400 - ledger.held()) * Logs.SECOND, 399 * Logs.SECOND);
            assertThat(Logs.blocks(log, DownloadFilter.all(held))).hasSize((int) ledger.held());
        }
        try (DataLog log = open(SETTINGS)) {
            assertThat(log.ledger().taken()).isEqualTo(400);
            assertThat(log.ledger().balances()).isTrue();
        }
    }

    /** The keeper is held up when it wants to remove a page, for as long as callers go on. */
    @Test
    void callersWaitForAKeeperThatIsLate() throws Exception {
        CountDownLatch removing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (DataLog log = open(SETTINGS)) {
            disk.faults(call -> {
                if (call.kind() == DiskCall.Kind.DELETE) {
                    removing.countDown();
                    await(go);
                }
                return call.length();
            });
            AtomicLong most = new AtomicLong();
            Thread recorder =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int second = 0; second < 400; second++) {
                                    record(log, blob("b", second));
                                    most.accumulateAndGet(log.status().bytes(), Math::max);
                                }
                            });
            assertThat(removing.await(60, TimeUnit.SECONDS)).isTrue();
            for (int waits = 0; waits < 10_000 && recorder.isAlive(); waits++) {
                waits = recorder.getState() == Thread.State.WAITING ? waits : 0;
                Thread.onSpinWait();
            }
            go.countDown();
            recorder.join();
            assertThat(most.get()).isLessThanOrEqualTo(2048 * KIB + 256 * KIB + 81 * KIB);
            assertThat(log.ledger().taken()).isEqualTo(400);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IOException("the test did not go on within a minute");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void dataNearACommentAndPreservedPagesGoLast() throws Exception {
        try (DataLog log = open(SETTINGS)) {
            record(log, Messages.event("keep", 0, 0, 1, true));
            record(log, Messages.comment("interesting", 20 * Logs.SECOND));
            for (int second = 0; second < 200; second++) {
                record(log, blob("b", second));
            }
            log.ledger();
            List<Long> held = new ArrayList<>();
            Logs.blocks(log, DownloadFilter.all(TimeRange.ALL)).stream()
                    .filter(block -> block.payload().remaining() == 16 * KIB)
                    .forEach(block -> held.add(block.nanos() / Logs.SECOND));
            assertThat(held).contains(12L, 20L, 30L, 199L).doesNotContain(0L, 5L, 40L, 60L);
            assertThat(Logs.ids(log, Logs.everything())).containsExactly("keep");
        }
        try (DataLog log = open(SETTINGS)) {
            List<PageSummary> order = log.nextToGo();
            assertThat(order.getLast().preserve()).isTrue();
            assertThat(order.getFirst().range().orElseThrow().from())
                    .isGreaterThan(40 * Logs.SECOND);
            log.allowance(ByteSize.ofMiB(1));
            assertThat(log.ledger().balances()).isTrue();
            assertThat(bytesOnDisk()).isLessThanOrEqualTo(1024 * KIB);
            assertThat(Logs.ids(log, Logs.everything())).containsExactly("keep");
        }
    }

    @Test
    void floorOfAChannelIsKeptFromTheBytesOfOthers() throws Exception {
        DataLogSettings settings = SETTINGS.withFloors(Map.of("rare", ByteSize.ofKiB(300)));
        try (DataLog log = open(settings)) {
            for (int second = 0; second < 30; second++) {
                record(log, blob("rare", second));
            }
            for (int second = 30; second < 500; second++) {
                record(log, blob("common", second));
            }
            log.ledger();
            long rare =
                    log.pages(TimeRange.ALL, new BlobSpec("", "", "rare", "")).stream()
                            .flatMap(page -> page.series().stream())
                            .filter(series -> series.key().channel().equals("rare"))
                            .mapToLong(SeriesSummary::bytes)
                            .sum();
            assertThat(rare).isBetween(300L * KIB, 420L * KIB);
        }
    }

    @Test
    void everythingThatIsPreservedYieldsInTheEnd() throws Exception {
        try (DataLog log = open(SETTINGS)) {
            for (int i = 0; i < 3000; i++) {
                record(log, Messages.event(("event " + i).repeat(100), i, i, 1, true));
            }
            Ledger ledger = log.ledger();
            assertThat(ledger.balances()).as("%s", ledger).isTrue();
            assertThat(ledger.lost().get(Loss.EVICTED)).isPositive();
            assertThat(bytesOnDisk()).isLessThanOrEqualTo(2048 * KIB);
        }
    }

    @Test
    void allowanceChangesWhileTheLogRuns() throws Exception {
        try (DataLog log = open(SETTINGS)) {
            for (int second = 0; second < 100; second++) {
                record(log, blob("b", second));
            }
            log.ledger(); // The keeper is at rest from here on.
            assertThat(bytesOnDisk()).isGreaterThan(1024 * KIB);
            log.allowance(ByteSize.ofMiB(1));
            assertThat(bytesOnDisk()).isLessThanOrEqualTo(1024 * KIB);
            Ledger smaller = log.ledger();
            assertThat(smaller.balances()).as("%s", smaller).isTrue();
            log.allowance(ByteSize.ofMiB(8));
            for (int second = 100; second < 300; second++) {
                record(log, blob("b", second));
            }
            Ledger larger = log.ledger();
            assertThat(larger.lost()).isEqualTo(smaller.lost());
            assertThat(larger.held()).isEqualTo(smaller.held() + 200);
        }
    }

    @Test
    void allowanceBelowAMebibyteIsRefused() {
        try (DataLog log = open(SETTINGS)) {
            assertThatThrownBy(() -> log.allowance(ByteSize.ofKiB(1023)))
                    .hasMessageContaining("1 MiB or more");
            assertThatThrownBy(() -> SETTINGS.withAllowance(ByteSize.ofKiB(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /**
     * Every page that makes room is offered while it is there, once; one that is deleted is not.
     */
    @Test
    void pagesAreOfferedBeforeTheyGo() throws Exception {
        List<Long> offered = new ArrayList<>();
        List<Long> there = new ArrayList<>();
        DepartingPages keep =
                (page, file) -> {
                    offered.add(page.entries());
                    try {
                        there.add(disk.stat(file).map(Disk.Entry::size).orElse(0L));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
        try (DataLog log = open(SETTINGS.withDeparting(keep))) {
            record(log, blob("deleted", 0), blob("deleted", 1));
            log.delete(Optional.of(TimeRange.ALL), List.of());
            for (int second = 0; second < 300; second++) {
                record(log, blob("b", second));
            }
            Ledger ledger = log.ledger();
            assertThat(offered.stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(ledger.lost().get(Loss.EVICTED))
                    .isPositive();
            assertThat(there).allMatch(bytes -> bytes > 64 * KIB);
        }
    }
}
