package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Durability;
import dev.forebay.base.LockedException;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.bddf.Pod;
import dev.forebay.bddf.SeriesIdentifier;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What was recorded is found by time, channel and kind, also after the log was opened again. */
class DataLogTest {
    private static final SignalSchema SCHEMA =
            new SignalSchema(
                    "motor",
                    List.of(
                            new SignalSchema.Variable("t", Pod.INT64, true),
                            new SignalSchema.Variable("current", Pod.FLOAT32, false)));

    private final SimulatedDisk disk = new SimulatedDisk();

    private static Entry tick(long id, long sequence, float current) {
        return new Entry.Tick(
                OptionalLong.of(sequence * 10),
                sequence,
                "arm",
                id,
                ByteBuffer.allocate(12)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(sequence * 10)
                        .putFloat(current)
                        .flip());
    }

    private static void record(DataLog log, Entry... entries) {
        assertThat(log.record(List.of(entries), Durability.WRITTEN).refusals()).isEmpty();
    }

    @Test
    void everyKindIsCountedAndFound() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            long id = log.register(SCHEMA, "client");
            record(
                    log,
                    Messages.text("hello", 1, "s"),
                    Messages.comment("look here", 2),
                    Messages.event("e", 3, 5, 3, false),
                    Messages.blob("camera", 4, "pixels"),
                    tick(id, 1, 1.5f),
                    tick(id, 2, 2.5f));
            LogStatus status = log.status();
            assertThat(status.comments()).isEqualTo(1);
            assertThat(status.events()).isEqualTo(1);
            assertThat(status.pages()).isEqualTo(4);
            assertThat(status.blobs())
                    .containsExactly(new SeriesKey(Kind.BLOB, "camera", "test.Blob", "client"));
            assertThat(Logs.ids(log, Logs.everything())).containsExactly("e");
            assertThat(Logs.comments(log)).containsExactly("look here");
            assertThat(log.pages(TimeRange.ALL, Kind.SIGNAL)).hasSize(1);
            assertThat(log.pages(new TimeRange(6, 9))).isEmpty();
            assertThat(log.ledger().taken()).isEqualTo(6);
            assertThat(log.ledger().balances()).isTrue();
        }
    }

    @Test
    void openingAgainFindsTheSame() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            for (int i = 0; i < 100; i++) {
                record(
                        log,
                        Messages.comment("c" + i, i),
                        Messages.event("e" + i, i, i, 1, false),
                        Messages.blob("b", i, "blob " + i));
            }
        }
        for (int round = 0; round < 2; round++) {
            try (DataLog log = Logs.open(disk)) {
                assertThat(Logs.comments(log)).hasSize(100).startsWith("c0").endsWith("c99");
                assertThat(Logs.ids(log, Logs.everything())).hasSize(100);
                assertThat(Logs.blobs(log)).hasSize(100).startsWith("blob 0").endsWith("blob 99");
                assertThat(log.ledger().taken()).isEqualTo(300);
                assertThat(log.ledger().balances()).isTrue();
                assertThat(log.pages(TimeRange.ALL).size()).isGreaterThan(3);
            }
        }
    }

    @Test
    void entryWithoutTimeHasTheTimeAtWhichItCame() throws Exception {
        ManualClock clock = new ManualClock(Instant.ofEpochSecond(1000));
        try (DataLog log = Logs.open(disk, clock)) {
            record(
                    log,
                    Messages.undatedComment("when?"),
                    new Entry.Blob(
                            OptionalLong.empty(), "b", "test.Blob", "", Messages.bytes("x")));
            for (PageSummary page : log.pages(TimeRange.ALL)) {
                long at = 1000 * Logs.SECOND;
                assertThat(page.range()).contains(new TimeRange(at, at));
            }
            ByteBuffer stored = log.events(Logs.everything()).comments().getFirst();
            Fields in = new Fields(stored);
            assertThat(in.next()).isEqualTo(1);
            in.skip();
            assertThat(in.next()).isEqualTo(2);
            assertThat(in.timestamp()).isEqualTo(1000 * Logs.SECOND);
        }
    }

    @Test
    void whatCannotBeTakenIsRefusedByItselfAndCounted() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            long id = log.register(SCHEMA, "client");
            Entry.Tick cut =
                    new Entry.Tick(OptionalLong.of(1), 1, "arm", id, ByteBuffer.allocate(11));
            Recorded recorded =
                    log.record(
                            List.of(
                                    Messages.comment("good", 1),
                                    new Entry.Blob(
                                            OptionalLong.of(1), "b", "", "", Messages.bytes("x")),
                                    new Entry.Event(ByteBuffer.wrap(new byte[] {10, 50, 1})),
                                    tick(id + 1, 1, 0),
                                    cut,
                                    tick(id, 1, 0),
                                    new Entry.Malformed("its time is too late")),
                            Durability.SYNCED);
            assertThat(recorded.refusals())
                    .extracting(Refusal::index)
                    .containsExactly(1, 2, 3, 4, 6);
            assertThat(recorded.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(
                            Refusal.Reason.INVALID,
                            Refusal.Reason.INVALID,
                            Refusal.Reason.UNKNOWN_SCHEMA,
                            Refusal.Reason.INVALID,
                            Refusal.Reason.INVALID);
            assertThat(recorded.refusals().getLast().message()).isEqualTo("its time is too late");
            assertThat(recorded.refusals().get(3).message())
                    .isEqualTo("the tick has 11 bytes; schema 'motor' has 12");
            assertThat(log.ledger().taken()).isEqualTo(2);
            assertThat(log.ledger().refused())
                    .isEqualTo(
                            Map.of(Refusal.Reason.INVALID, 4L, Refusal.Reason.UNKNOWN_SCHEMA, 1L));
        }
        try (DataLog log = Logs.open(disk)) {
            assertThat(log.ledger().refused()).containsEntry(Refusal.Reason.INVALID, 4L);
        }
    }

    @Test
    void schemaHasItsNumberAfterOpeningAgain() throws Exception {
        long id;
        try (DataLog log = Logs.open(disk)) {
            id = log.register(SCHEMA, "client");
            assertThat(log.register(SCHEMA, "client")).isEqualTo(id).isPositive();
            assertThat(log.register(SCHEMA, "other")).isNotEqualTo(id);
        }
        try (DataLog log = Logs.open(disk)) {
            record(log, tick(id, 1, 0));
            assertThat(log.register(SCHEMA, "client")).isEqualTo(id);
        }
    }

    @Test
    void pageIsCompleteWhenItsTimeHasComeWithNoNewInput() throws Exception {
        ManualClock clock = new ManualClock(Instant.ofEpochSecond(1000));
        try (DataLog log = Logs.open(disk, clock)) {
            record(log, Messages.comment("c", 1));
            assertThat(log.pages(TimeRange.ALL).getFirst().open()).isTrue();
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(59));
            log.ledger(); // The keeper has looked.
            assertThat(log.pages(TimeRange.ALL).getFirst().open()).isTrue();
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(1));
            log.ledger();
            assertThat(log.pages(TimeRange.ALL).getFirst().open()).isFalse();
            assertThat(Logs.comments(log)).containsExactly("c");
        }
    }

    @Test
    void clockThatStepsBackHidesNothing() throws Exception {
        ManualClock clock = new ManualClock(Instant.ofEpochSecond(10_000));
        try (DataLog log = Logs.open(disk, clock)) {
            for (int i = 0; i < 60; i++) {
                record(log, Messages.undatedComment("a rather long comment " + i));
                clock.stepWall(i == 30 ? Duration.ofHours(-1) : Duration.ofSeconds(1));
            }
            assertThat(Logs.comments(log)).hasSize(60);
            TimeRange late = new TimeRange(10_000 * Logs.SECOND, 10_100 * Logs.SECOND);
            assertThat(
                            log.events(
                                            new EventQuery(
                                                    late,
                                                    List.of(),
                                                    true,
                                                    EventQuery.MOST,
                                                    EventQuery.MOST))
                                    .comments())
                    .hasSize(31);
            assertThat(log.pages(TimeRange.ALL)).extracting(PageSummary::id).isSorted();
        }
    }

    @Test
    void newestEventsAreGivenAndTheRestIsSaidToBeThere() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            for (int i = 0; i < 200; i++) {
                record(log, Messages.event("e" + i, i, i, i % 2 == 0 ? 1 : 4, false));
            }
            EventQuery five = Logs.events(TimeRange.ALL, OptionalInt.of(4), 5);
            assertThat(Logs.ids(log, five)).containsExactly("e191", "e193", "e195", "e197", "e199");
            assertThat(log.events(five).eventsLimited()).isTrue();
            EventQuery all = Logs.events(new TimeRange(191, 500), OptionalInt.of(4), 5);
            assertThat(Logs.ids(log, all)).hasSize(5);
            assertThat(log.events(all).eventsLimited()).isFalse();
        }
    }

    @Test
    void eventIsFoundByAnyTimeBetweenItsBeginningAndItsEnd() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            record(log, Messages.event("long", 100, 200, 1, false));
            record(log, Messages.event("short", 120, 120, 1, false));
            TimeRange middle = new TimeRange(150, 160);
            assertThat(Logs.ids(log, Logs.events(middle, OptionalInt.empty(), 9)))
                    .containsExactly("long");
        }
        try (DataLog log = Logs.open(disk)) {
            TimeRange end = new TimeRange(200, 300);
            assertThat(Logs.ids(log, Logs.events(end, OptionalInt.empty(), 9)))
                    .containsExactly("long");
        }
    }

    @Test
    void downloadHasTheValuesOfEverySignalInColumns() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            long id = log.register(SCHEMA, "client");
            for (int i = 0; i < 50; i += 2) {
                record(log, tick(id, i, i / 2f), tick(id, i + 1, (i + 1) / 2f));
            }
            List<Float> currents = new ArrayList<>();
            List<Long> sequences = new ArrayList<>();
            for (Block block : Logs.blocks(log, DownloadFilter.all(TimeRange.ALL))) {
                ByteBuffer values = block.payload().duplicate().order(ByteOrder.LITTLE_ENDIAN);
                switch (block.series().identifier().spec().getOrDefault("varname", "")) {
                    case "current" -> {
                        while (values.hasRemaining()) {
                            currents.add(values.getFloat());
                        }
                    }
                    case "forebay:sequence" -> {
                        while (values.hasRemaining()) {
                            sequences.add(values.getLong());
                        }
                    }
                    default -> {}
                }
            }
            assertThat(currents).hasSize(50);
            assertThat(sequences).hasSize(50);
            for (int i = 0; i < 50; i++) {
                assertThat(currents.get(i)).isEqualTo(i / 2f);
                assertThat(sequences.get(i)).isEqualTo(i);
            }
        }
    }

    @Test
    void downloadHoldsWhatFitsItsFilterAndNothingElse() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            record(
                    log,
                    Messages.text("t", 1, "s"),
                    Messages.comment("c", 2),
                    Messages.event("low", 3, 3, 0, false),
                    Messages.event("high", 4, 4, 3, false),
                    Messages.blob("left", 5, "L"),
                    Messages.blob("right", 6, "R"));
            assertThat(contents(log, Set.of(), Set.of("left"), OptionalInt.empty()))
                    .containsExactly("5");
            assertThat(contents(log, Set.of("bosdyn.api.Event"), Set.of(), OptionalInt.empty()))
                    .containsExactly("3", "4");
            assertThat(contents(log, Set.of(), Set.of(), OptionalInt.of(2))).containsExactly("4");
            assertThat(contents(log, Set.of("test.Blob"), Set.of("right"), OptionalInt.empty()))
                    .containsExactly("6");
            assertThat(contents(log, Set.of("other"), Set.of(), OptionalInt.empty())).isEmpty();
            DownloadFilter none =
                    new DownloadFilter(
                            new TimeRange(7, 8),
                            Set.of(),
                            Set.of(),
                            Set.of(),
                            Set.of(),
                            OptionalInt.empty(),
                            Set.of());
            assertThat(log.download(none).isEmpty()).isTrue();
            assertThat(log.download(DownloadFilter.all(new TimeRange(6, 6))).isEmpty()).isFalse();
        }
    }

    private static List<String> contents(
            DataLog log, Set<String> types, Set<String> channels, OptionalInt level)
            throws Exception {
        DownloadFilter filter =
                new DownloadFilter(
                        TimeRange.ALL, types, channels, Set.of(), Set.of(), level, Set.of());
        return Logs.blocks(log, filter).stream().map(block -> "" + block.nanos()).sorted().toList();
    }

    @Test
    void callsAreDownloadedByTheirServiceAsRequestsAndResponses() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            record(
                    log,
                    Messages.blob("robot-id", 1, "no call"),
                    call(false, 2, "robot-id", "asked"),
                    call(true, 3, "robot-id", "answered"),
                    call(false, 4, "data", "another"));
            DownloadFilter filter =
                    new DownloadFilter(
                            TimeRange.ALL,
                            Set.of(),
                            Set.of(),
                            Set.of(),
                            Set.of(),
                            OptionalInt.empty(),
                            Set.of("robot-id"));
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            log.download(filter).writeTo(Channels.newChannel(file));
            BddfStream read =
                    new BddfStream(
                            Channels.newChannel(new ByteArrayInputStream(file.toByteArray())));
            List<String> found = new ArrayList<>();
            for (Block block = read.next(); block != null; block = read.next()) {
                SeriesIdentifier series = block.series().identifier();
                found.add(
                        series.seriesType()
                                + " "
                                + series.spec().get("bosdyn:grpc:service")
                                + " "
                                + Messages.string(block.payload()));
            }
            assertThat(found)
                    .containsExactly(
                            "bosdyn:grpc:requests robot-id asked",
                            "bosdyn:grpc:responses robot-id answered");
            assertThat(Logs.blocks(log, DownloadFilter.all(TimeRange.ALL))).hasSize(4);
        }
    }

    private static Entry call(boolean answer, long nanos, String service, String message) {
        return new Entry.Call(
                answer,
                OptionalLong.of(nanos),
                service,
                answer ? "test.Response" : "test.Request",
                "client",
                Messages.bytes(message));
    }

    @Test
    void emptyPayloadIsCountedInFrontOfTheDownload() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            for (int i = 0; i < 10; i++) {
                record(log, Messages.blob("b", i, i % 3 == 0 ? "" : "full"));
            }
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            log.download(DownloadFilter.all(new TimeRange(1, 8)))
                    .writeTo(Channels.newChannel(file));
            BddfStream read =
                    new BddfStream(
                            Channels.newChannel(new ByteArrayInputStream(file.toByteArray())));
            assertThat(read.file().annotations()).containsEntry(Download.EMPTY_PAYLOADS, "2");
            assertThat(Logs.blocks(file.toByteArray())).hasSize(6);
            assertThat(log.ledger().held()).isEqualTo(10);
        }
        try (DataLog log = Logs.open(disk)) {
            assertThat(log.download(DownloadFilter.all(TimeRange.ALL)).emptyPayloads())
                    .isEqualTo(4);
            assertThat(log.ledger().held()).isEqualTo(10);
        }
    }

    @Test
    void deletedPagesAreGoneAndCounted() throws Exception {
        try (DataLog log = Logs.open(disk)) {
            for (int i = 0; i < 100; i++) {
                record(log, Messages.blob("b", i, "a blob of some length, number " + i));
            }
            List<PageSummary> pages = log.pages(TimeRange.ALL);
            long open = pages.getLast().id();
            assertThat(pages.getLast().open()).isTrue();
            Deletion deletion = log.delete(Optional.of(new TimeRange(0, 0)), List.of(open, 999L));
            assertThat(deletion.pages())
                    .isEqualTo(
                            Map.of(
                                    pages.getFirst().id(),
                                    Deletion.Outcome.DELETED,
                                    open,
                                    Deletion.Outcome.DELETED,
                                    999L,
                                    Deletion.Outcome.NOT_FOUND));
            assertThat(deletion.bytes()).isPositive();
            assertThat(log.pages(TimeRange.ALL)).hasSize(pages.size() - 2);
            long gone = pages.getFirst().entries() + pages.getLast().entries();
            assertThat(log.ledger().lost()).isEqualTo(Map.of(Loss.DELETED, gone));
            assertThat(log.ledger().balances()).isTrue();
            record(log, Messages.blob("b", 1000, "later"));
            assertThat(Logs.blobs(log)).endsWith("later");
        }
    }

    @Test
    void secondOpeningIsRefusedAndCallsAfterCloseAreToo() {
        DataLog log = Logs.open(disk);
        assertThatThrownBy(() -> Logs.open(disk)).hasCauseInstanceOf(LockedException.class);
        log.close();
        log.close();
        assertThatThrownBy(log::status)
                .isInstanceOfSatisfying(
                        DataLogException.class,
                        e -> assertThat(e.fault()).isEqualTo(DataLogException.Fault.CLOSED));
        Logs.open(disk).close();
    }
}
