package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** The syntax of the values that options take, by the tables of the reference. */
final class OptionValuesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 1000",
        "1000B, 1000",
        "1K, 1024",
        "1KB, 1024",
        "1KiB, 1024",
        "10G, 10737418240",
        "10Gi, 10737418240",
        "10GB, 10737418240",
        "10GiB, 10737418240",
        "1GB512MB, 1610612736",
        "1.5K, 1536",
        "1TB, 1099511627776",
        "1PB, 1125899906842624",
        "1EB, 1152921504606846976"
    })
    void aSizeIsANumberAndAUnit(String text, long bytes) {
        assertThat(new OptionValues.Size().convert(text)).isEqualTo(ByteSize.of(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10g", "10kB", "ten", "-1", "1 K", "K", "1Q", "0x10", "8EB", "1GB 1MB"})
    void whatIsNoSizeIsRefusedInWords(String text) {
        assertThatThrownBy(() -> new OptionValues.Size().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "7, PT168H",
        "' 7 ', PT168H",
        "0.12, PT12H",
        "0.12:30, PT12H30M",
        "2.12:30:30, PT60H30M30S",
        "0.00:00:01, PT1S",
        "0.23:59:59, PT23H59M59S",
        "1d, PT24H",
        "30d, PT720H",
        "1h, PT1H",
        "2h45m, PT2H45M",
        "1.5d, PT36H",
        "999999999d, PT23999999976H"
    })
    void aLifetimeIsDaysAndPartsOfOne(String text, Duration lifetime) {
        assertThat(new OptionValues.Lifetime().convert(text)).isEqualTo(lifetime);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "1:00:00:00",
                "1.0",
                "1.24",
                "1.00:60",
                "1.00:00:60",
                "1.000",
                "1.1:00",
                "1.",
                "1.5 days",
                "1x",
                "1h 1m",
                "12:30"
            })
    void whatIsNoLifetimeIsRefusedInWords(String text) {
        assertThatThrownBy(() -> new OptionValues.Lifetime().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("expected D, D.HH, D.HH:MM or D.HH:MM:SS");
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "0s, PT0S",
        "300ms, PT0.3S",
        "1.5s, PT1.5S",
        "300s, PT5M",
        "1.5h, PT1H30M",
        "2h45m, PT2H45M",
        "1us, PT0.000001S",
        "1ns, PT0.000000001S",
        "1d, PT24H",
        "0.00:01, PT1M",
        "2.12:30:30, PT60H30M30S"
    })
    void aTimeIsNumbersAndUnits(String text, Duration time) {
        assertThat(new OptionValues.Time().convert(text)).isEqualTo(time);
    }

    @Test
    void timeOverAYearIsRefusedWithLimit() {
        assertThat(new OptionValues.Time().convert("8760h")).isEqualTo(Duration.ofDays(365));
        for (String text : new String[] {"8760h1ns", "999999999h", "999999999h999999999h"}) {
            assertThatThrownBy(() -> new OptionValues.Time().convert(text))
                    .isInstanceOf(TypeConversionException.class)
                    .hasMessage(
                            "'" + text + "' is too long a time; expected at most 8760h, a year");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "-1s", "s", "1 s", "1s ", "1e9s", "1.s", ".5s"})
    void whatIsNoTimeIsRefusedInWords(String text) {
        assertThatThrownBy(() -> new OptionValues.Time().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("expected such as 300ms, 1.5s, 2h45m, or 0");
    }

    @Test
    void durabilityIsOneOfThreeWords() {
        assertThat(new OptionValues.Level().convert("written")).isEqualTo(Durability.WRITTEN);
        assertThatThrownBy(() -> new OptionValues.Level().convert("flushed"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("accepted, written, synced");
    }
}
