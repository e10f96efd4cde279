package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurabilityTest {
    @Test
    void theWordsAreThoseOfTheWireInRisingOrder() {
        assertThat(Durability.values())
                .extracting(Durability::word)
                .containsExactly("accepted", "written", "synced");
    }

    @ParameterizedTest
    @CsvSource({
        "ACCEPTED, ACCEPTED, true",
        "ACCEPTED, WRITTEN, false",
        "ACCEPTED, SYNCED, false",
        "WRITTEN, ACCEPTED, true",
        "WRITTEN, WRITTEN, true",
        "WRITTEN, SYNCED, false",
        "SYNCED, ACCEPTED, true",
        "SYNCED, WRITTEN, true",
        "SYNCED, SYNCED, true"
    })
    void aLevelCoversItselfAndWhatIsWeaker(Durability given, Durability demanded, boolean covers) {
        assertThat(given.covers(demanded)).isEqualTo(covers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"synced", "SYNCED", "Synced", " synced "})
    void aWordIsReadInAnyCase(String word) {
        assertThat(Durability.parse(word)).isEqualTo(Durability.SYNCED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sync", "synced,written", "durable", "2"})
    void anotherWordIsRefusedWithTheThree(String word) {
        assertThatThrownBy(() -> Durability.parse(word))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "durability must be one of accepted, written, synced, not '" + word + "'");
    }
}
