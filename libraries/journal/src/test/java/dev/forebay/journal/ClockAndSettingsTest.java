package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalSettings.DamagePolicy;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clocks that step, segments that grow old, and settings that change between two runs. */
class ClockAndSettingsTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SMALL = JournalTest.SMALL.withReadyAhead(1);
    private static final int LONGEST = 20_000;

    private static byte[] payload(long sequence) {
        return JournalCrashTest.payload(sequence);
    }

    @Test
    void aSegmentOfTheGivenAgeIsClosedWithoutAnotherAppend() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        JournalSettings aged = SMALL.withSegmentAge(Duration.ofMinutes(1));
        try (Journal journal = Journal.open(disk, clock, ROOT, aged)) {
            journal.append(payload(1));
            clock.awaitWaiters(1);
            assertThat(journal.segmentCount()).isEqualTo(1);
            clock.advance(Duration.ofMinutes(1));
            JournalTest.until("the segment was rolled", () -> journal.segmentCount() == 2);
            journal.append(payload(2));
            assertThat(new JournalTool(disk, clock, ROOT).inspect().segments()).hasSize(2);
        }
    }

    @Test
    void aClockThatStepsAnHourEitherWayChangesNoOrder() {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        for (int run = 0; run < 6; run++) {
            clock.stepWall(Duration.ofHours(run % 2 == 0 ? 1 : -1));
            try (Journal journal =
                    Journal.open(disk, clock, ROOT, SMALL.withSegmentAge(Duration.ofMinutes(1)))) {
                assertThat(journal.next()).isEqualTo(run * 20L + 1);
                for (int i = 0; i < 20; i++) {
                    journal.append(payload(journal.next()), Durability.WRITTEN);
                    clock.stepWall(Duration.ofHours(i % 3 - 1L));
                }
                assertThat(JournalTest.read(journal)).hasSize(run * 20 + 20);
            }
        }
    }

    @Test
    void aWallClockThatStepsAgesNoSegment() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        JournalSettings aged = SMALL.withSegmentAge(Duration.ofMinutes(1));
        try (Journal journal = Journal.open(disk, clock, ROOT, aged)) {
            journal.append(payload(1));
            clock.awaitWaiters(1);
            clock.stepWall(Duration.ofHours(1));
            clock.advance(Duration.ofSeconds(59));
            journal.append(payload(2));
            assertThat(journal.segmentCount()).isEqualTo(1);
            clock.stepWall(Duration.ofHours(-2));
            clock.advance(Duration.ofSeconds(1));
            JournalTest.until("the segment was rolled", () -> journal.segmentCount() == 2);
        }
    }

    @Test
    void anAgeForEverClosesNoSegment() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        clock.advance(Duration.ofDays(1)); // With its reading the deadline wraps round.
        JournalSettings aged = SMALL.withSegmentAge(ChronoUnit.FOREVER.getDuration());
        try (Journal journal = Journal.open(disk, clock, ROOT, aged)) {
            journal.append(payload(1));
            clock.awaitWaiters(1);
            clock.advance(Duration.ofDays(365 * 200));
            journal.append(payload(2));
            assertThat(journal.segmentCount()).isEqualTo(1);
        }
    }

    /** Small and large segments, with and without age, reserves, spares and patience. */
    private static List<JournalSettings> corners() {
        List<JournalSettings> all = new ArrayList<>();
        for (int corner = 0; corner < 32; corner++) {
            all.add(
                    new JournalSettings(
                            ByteSize.ofKiB((corner & 1) == 0 ? 8 : 32),
                            (corner & 2) == 0 ? Duration.ZERO : Duration.ofNanos(1),
                            (corner & 4) == 0 ? 1 : 3,
                            (corner & 8) == 0 ? 0 : 3,
                            (corner & 16) == 0 ? DamagePolicy.STOP : DamagePolicy.SET_ASIDE,
                            (corner & 1) == 0));
        }
        return all;
    }

    /** A frame as long as these settings allow: those that come after may have smaller segments. */
    private static byte[] longest(JournalSettings settings, long sequence) {
        boolean large = settings.segmentBytes().bytes() > LONGEST;
        byte[] bytes = new byte[large ? LONGEST : 3000];
        Arrays.fill(bytes, (byte) sequence);
        return bytes;
    }

    private static void readBack(Journal journal) {
        try (JournalReader reader = journal.read(journal.first())) {
            for (long i = journal.first(); i < journal.next(); i++) {
                Entry entry = reader.next();
                assertThat(entry).isInstanceOf(Frame.class);
                if (entry instanceof Frame frame) {
                    assertThat(frame.sequence()).isEqualTo(i);
                    byte[] wanted = new byte[frame.payload().length];
                    Arrays.fill(wanted, (byte) i);
                    assertThat(frame.payload()).isEqualTo(wanted);
                }
            }
        }
    }

    private static Journal opened(SimulatedDisk disk, JournalSettings settings) {
        try {
            return Journal.open(disk, Clock.system(), ROOT, settings);
        } catch (JournalException e) {
            throw new AssertionError("the journal must open with " + settings, e);
        }
    }

    /** Every pair, closed in between, or killed, or cut from its power. */
    @Test
    void everyChangeOfSettingsBetweenTwoRunsOpens() {
        SimulatedDisk disk = new SimulatedDisk();
        long next = 1;
        int run = 0;
        for (JournalSettings before : corners()) {
            for (JournalSettings after : corners()) {
                for (JournalSettings settings : List.of(before, after)) {
                    Journal journal = opened(disk, settings);
                    assertThat(journal.next()).isEqualTo(next);
                    assertThat(journal.recovery().damage()).isEmpty();
                    readBack(journal);
                    journal.append(longest(settings, next), Durability.WRITTEN);
                    next = journal.append(longest(settings, next + 1)) + 1;
                    journal.trim(Math.max(journal.first(), next - 1 - run % 7));
                    SimulatedDisk cut =
                            disk.crash(run % 3 == 1 ? Survival.EVERYTHING : Survival.NOTHING);
                    journal.close();
                    disk = run++ % 3 == 0 ? disk : cut;
                }
            }
        }
        assertThat(next).isEqualTo(4 * 32 * 32 + 1);
    }
}
