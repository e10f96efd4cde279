package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.journal.JournalException;
import dev.forebay.testkit.SimulatedDisk;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A recovered page and what it lost are noted together, or not at all. */
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
