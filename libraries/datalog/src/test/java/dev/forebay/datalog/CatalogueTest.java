package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.PoisonedException;
import dev.forebay.bddf.Pod;
import dev.forebay.journal.JournalException;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is noted of pages that come and go, whatever fails. */
class CatalogueTest {
    private static final PageSummary PAGE =
            new PageSummary(1, 100, false, false, List.of(), List.of());

    private final SimulatedDisk disk = new SimulatedDisk();

    private Catalogue open() throws Exception {
        return Catalogue.open(disk, Clock.system(), Logs.FOLDER);
    }

    @Test
    void recoveredPageAndItsLossAreThereAfterOpeningAgain() throws Exception {
        try (Catalogue catalogue = open()) {
            catalogue.recovered(PAGE, 3);
        }
        try (Catalogue catalogue = open()) {
            assertThat(catalogue.pages()).containsExactly(PAGE);
            assertThat(catalogue.ledger(3, 0).lost()).isEqualTo(Map.of(Loss.DAMAGED, 3L));
        }
    }

    private static PageSummary wide(long id) {
        List<SeriesSummary> series = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            SeriesKey key = new SeriesKey(Kind.BLOB, "x".repeat(500) + i, "test.Blob", "");
            series.add(new SeriesSummary(key, 1, 0, 1, new TimeRange(id, id)));
        }
        return new PageSummary(id, 100, false, false, series, List.of());
    }

    /** Forty pages come, half a megabyte each in the journal, and all but one go. */
    private static void fill(Catalogue catalogue) {
        for (int id = 1; id <= 40; id++) {
            catalogue.complete(wide(id));
            if (id != 5) {
                catalogue.gone(id, Loss.EVICTED);
            }
        }
        catalogue.removed(1);
    }

    private static void assertFilled(Catalogue catalogue) {
        assertThat(catalogue.pages()).extracting(PageSummary::id).containsExactly(5L);
        assertThat(catalogue.ledger(0, 0).lost()).isEqualTo(Map.of(Loss.EVICTED, 39_000L));
        assertThat(catalogue.going()).contains(2L, 3L, 4L, 6L, 39L, 40L);
    }

    /** Whatever fails, and then the power too. */
    @Test
    void nothingIsLostWhereTheNotesAreWrittenAnew() throws Exception {
        boolean failed = true;
        for (int nth = 1; failed; nth++) {
            SimulatedDisk tried = new SimulatedDisk();
            Catalogue catalogue = Catalogue.open(tried, Clock.system(), Logs.FOLDER);
            fill(catalogue);
            tried.faults(Faults.failNth(nth, call -> call.kind() != DiskCall.Kind.STORE));
            failed = false;
            try (catalogue) {
                catalogue.shorten();
            } catch (JournalException | PoisonedException e) {
                failed = true;
            }
            tried.faults(Faults.NONE);
            SimulatedDisk left = tried.crash(Survival.NOTHING);
            try (Catalogue again = Catalogue.open(left, Clock.system(), Logs.FOLDER)) {
                assertFilled(again);
            }
        }
    }

    @Test
    void notesOfWhatIsGoneAreLetGoWhileTheLogIsOpen() throws Exception {
        try (Catalogue catalogue = open()) {
            for (int id = 1; id <= 200; id++) {
                catalogue.complete(wide(id));
                catalogue.gone(id, Loss.EVICTED);
                catalogue.removed(id);
                catalogue.shorten();
            }
            long bytes = 0;
            for (Path file : disk.list(Logs.FOLDER)) {
                bytes += disk.stat(file).map(Disk.Entry::size).orElse(0L);
            }
            assertThat(bytes).as("bytes of 100 MB of notes").isLessThan(80_000_000);
        }
        try (Catalogue catalogue = open()) {
            assertThat(catalogue.ledger(0, 0).lost()).isEqualTo(Map.of(Loss.EVICTED, 200_000L));
            assertThat(catalogue.going()).as("the highest number is known").contains(200L);
        }
    }

    /** As of a client that registers a new schema for each tick. */
    @Test
    void schemasAreRefusedThatWouldFillTheMemory() throws Exception {
        try (Catalogue catalogue = open()) {
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    catalogue.register(schema(i), "client");
                                }
                            })
                    .isInstanceOf(DataLogException.class)
                    .hasMessageContaining("register a schema once");
        }
        try (Catalogue catalogue = open()) {
            assertThat(catalogue.register(schema(0), "client"))
                    .isEqualTo(schema(0).idFor("client"));
        }
    }

    /** A schema of a million characters. */
    private static SignalSchema schema(int number) {
        List<SignalSchema.Variable> variables = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            variables.add(new SignalSchema.Variable("v".repeat(240) + i, Pod.FLOAT64, false));
        }
        return new SignalSchema("schema " + number, variables);
    }

    /** The keeper tries again when there is room, and must not count the loss twice. */
    @Test
    void lossThatCouldNotBeNotedIsNotCounted() throws Exception {
        Catalogue catalogue = open();
        catalogue.close();
        assertThatThrownBy(() -> catalogue.recovered(PAGE, 3)).isInstanceOf(JournalException.class);
        assertThat(catalogue.ledger(0, 0).lost()).isEmpty();
        assertThat(catalogue.pages()).isEmpty();
    }
}
