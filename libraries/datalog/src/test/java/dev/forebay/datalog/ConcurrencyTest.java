package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.testkit.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Threads that record, ask, delete and shrink the log at once lose and double nothing. */
class ConcurrencyTest {
    private static final int EACH = 300;

    private static Future<?> writer(ExecutorService threads, DataLog log, int number) {
        return threads.submit(() -> {
            for (int i = 0; i < EACH; i++) {
                Durability level = i % 5 == 0 ? Durability.SYNCED : Durability.WRITTEN;
                Recorded recorded =
                        log.record(
                                List.of(
                                        Messages.blob("b" + number, i, "blob %d".formatted(i)),
                                        Messages.comment("c", i)),
                                level);
                assertThat(recorded.refusals()).isEmpty();
            }
            return number;
        });
    }

    @Test
    void everyEntryIsHeldOrCountedAsLost() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DataLogSettings settings =
                Logs.SMALL.withAllowance(ByteSize.ofMiB(1)).withPage(Trigger.bytes(1000));
        try (DataLog log = DataLog.open(disk, Clock.system(), Logs.FOLDER, settings);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(writer(threads, log, i));
            }
            all.add(
                    threads.submit(() -> {
                        for (int i = 0; i < 30; i++) {
                            log.events(Logs.everything());
                            ByteArrayOutputStream file = new ByteArrayOutputStream();
                            log.download(DownloadFilter.all(TimeRange.ALL))
                                    .writeTo(Channels.newChannel(file));
                            Logs.blocks(file.toByteArray());
                            assertThat(log.ledger().balances()).as("%s", log.ledger()).isTrue();
                        }
                        return 0;
                    }));
            all.add(
                    threads.submit(() -> {
                        for (int i = 0; i < 20; i++) {
                            log.delete(Optional.of(new TimeRange(i, i)), List.of((long) i));
                        }
                        return 0;
                    }));
            for (Future<?> one : all) {
                one.get(120, TimeUnit.SECONDS);
            }
            Ledger ledger = log.ledger();
            assertThat(ledger.taken()).isEqualTo(4 * EACH * 2);
            assertThat(ledger.balances()).as("%s", ledger).isTrue();
            assertThat(ledger.lost().get(Loss.DELETED)).isPositive();
        }
        try (DataLog log = DataLog.open(disk, Clock.system(), Logs.FOLDER, settings)) {
            assertThat(log.ledger().taken()).isEqualTo(4 * EACH * 2);
            assertThat(log.ledger().balances()).isTrue();
        }
    }

    /** Those who wait at once share a force. */
    @Test
    void callersThatWaitAtOnceShareASync() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DataLogSettings large = Logs.SMALL.withPage(Trigger.bytes(100_000));
        try (DataLog log = DataLog.open(disk, Clock.system(), Logs.FOLDER, large);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            log.record(List.of(Messages.comment("first", 0)), Durability.SYNCED);
            HeldSyncs held = new HeldSyncs(Logs.FOLDER.resolve("pages"));
            disk.faults(held);
            List<Future<Recorded>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                all.add(
                        threads.submit(() ->
                                log.record(
                                        List.of(Messages.comment("c" + number, number)),
                                        Durability.SYNCED)));
            }
            held.awaitFirst();
            while (log.status().comments() < 9) {
                Thread.onSpinWait();
            }
            assertThat(all).noneMatch(Future::isDone);
            held.release();
            for (Future<Recorded> one : all) {
                assertThat(one.get(60, TimeUnit.SECONDS).refusals()).isEmpty();
            }
            assertThat(held.syncsOfPages())
                    .isBetween(2, 4); // Who came during the first needs another.
        }
    }

    /** A full page is synced while entries go into the next one and others ask. */
    @Test
    void noCallWaitsForTheSyncOfAFullPage() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        HeldSyncs held = new HeldSyncs(Logs.FOLDER.resolve("pages"));
        try (DataLog log = Logs.open(disk);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            disk.faults(held);
            log.record(
                    List.of(Messages.blob("b", 1, "x".repeat(3000))), // The page is full with it.
                    Durability.WRITTEN);
            held.awaitFirst();
            Future<LogStatus> meanwhile =
                    threads.submit(() -> {
                        log.record(List.of(Messages.blob("b", 2, "next")), Durability.WRITTEN);
                        return log.status();
                    });
            assertThat(meanwhile).succeedsWithin(Duration.ofMinutes(2));
            assertThat(meanwhile.get().pages()).isEqualTo(2);
            held.release();
        }
    }
}
