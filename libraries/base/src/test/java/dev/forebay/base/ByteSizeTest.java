package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the reference client for sizes, less its negative ones. */
class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "1000, 1000",
        "17B, 17",
        "1K, 1024",
        "1KB, 1024",
        "1KiB, 1024",
        "10G, 10737418240",
        "10Gi, 10737418240",
        "10GB, 10737418240",
        "10GiB, 10737418240",
        "4MiB, 4194304",
        "3T, 3298534883328",
        "2P, 2251799813685248",
        "7E, 8070450532247928832",
        "1.5K, 1536",
        ".5K, 512",
        "1.K, 1024",
        "0.0001K, 0",
        "0.9, 0",
        "1GB512MB, 1610612736",
        "1KB1KiB1, 2049",
        "' 8K ', 8192",
        "9223372036854775807, 9223372036854775807"
    })
    void aSizeIsRead(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(ByteSize.of(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "B", "K", "-1", "+1", "10g", "10kB", "1 K", "1KBB", "1KK", "1e3", "1,5K",
                "0x10", ".", ".K", "1..5K", "NaN", "1K i", "٣", "4MiB/s", "1K\n1K"
            })
    void whatIsNoSizeIsRefusedWithWhatWasExpected(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'"
                                + text
                                + "' is not a size; expected a number and a unit such as 512,"
                                + " 64KiB, 4MB or 10G (upper case, powers of 1024)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8E", "9223372036854775808", "99999999999P", "7EB1024PB"})
    void whatDoesNotFitIsRefusedWithTheLimit(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is more than 9223372036854775807 bytes");
    }

    @Test
    void aTextOfAnyLengthIsRefusedWithoutBeingPrintedWhole() {
        assertThatThrownBy(() -> ByteSize.parse("1K".repeat(500_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(1000000 characters)")
                .message()
                .hasSizeLessThan(300);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "17, 17 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "1284, 1.25 KiB",
        "10291, 10 KiB",
        "104448, 102 KiB",
        "1024000, 1000 KiB",
        "1048063, 1023 KiB",
        "1048064, 1 MiB",
        "1048575, 1 MiB",
        "4194304, 4 MiB",
        "1342177280, 1.25 GiB",
        "1099511627776, 1 TiB",
        "1125899906842624, 1 PiB",
        "1152921504606846975, 1 EiB",
        "9223372036854775807, 8 EiB"
    })
    void aSizeIsPrintedForPeople(long bytes, String text) {
        assertThat(ByteSize.of(bytes)).hasToString(text);
    }

    @Test
    void sizesAreOrderedByTheirBytes() {
        assertThat(List.of(ByteSize.ofMiB(1), ByteSize.of(3), ByteSize.ofKiB(2)).stream().sorted())
                .containsExactly(ByteSize.of(3), ByteSize.ofKiB(2), ByteSize.ofMiB(1));
    }

    @Test
    void noSizeIsNegativeAndNoneWrapsRound() {
        assertThatThrownBy(() -> ByteSize.of(-1)).hasMessage("bytes < 0: -1");
        assertThatThrownBy(() -> ByteSize.ofKiB(1L << 53)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> ByteSize.ofMiB(1L << 43)).isInstanceOf(ArithmeticException.class);
    }
}
