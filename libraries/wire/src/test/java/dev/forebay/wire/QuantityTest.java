package dev.forebay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "1,1000m",
        "1,1.0",
        "1,+1.",
        ".5,500m",
        "1e3,1k",
        "2E2,200",
        "1E,1000P",
        "1E-3,1m",
        "1Ki,1024",
        "1Gi,1024Mi",
        "1Ei,1152921504606846976",
        "1n,0.001u",
        "0,0Gi",
        "-1,-1000m"
    })
    void quantitiesOfOneValueAreEqualAndKeepTheirTexts(String one, String other) {
        assertThat(Quantity.parse(one)).isEqualTo(Quantity.parse(other));
        assertThat(Quantity.parse(one)).hasSameHashCodeAs(Quantity.parse(other));
        assertThat(Quantity.parse(one)).hasToString(one);
    }

    @ParameterizedTest
    @CsvSource({"1,2", "1,1m", "1M,1Mi", "1m,1M", "1,-1"})
    void quantitiesOfOtherValuesDiffer(String one, String other) {
        assertThat(Quantity.parse(one)).isNotEqualTo(Quantity.parse(other));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "m", ".", "1Q", "1KI", "1 Gi", "1mi", "1e", "1e999", "x", "1ee3"})
    void whatIsNoQuantityIsRefusedInWords(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a quantity: '" + text + "'; expected");
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 65})
    void aQuantityHasAtMost64Characters(int length) {
        String text = "1".repeat(length);
        if (length == 64) {
            assertThat(Quantity.parse(text).value()).hasToString(text);
        } else {
            assertThatThrownBy(() -> Quantity.parse(text)).hasMessageContaining("not a quantity");
        }
    }
}
