package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 7, '\n', '\r', '\t', 0x1B, 0x7F, 0x9B, 0x2028, 0x202E, 0x200B})
    void characterThatSteersATerminalIsReplaced(int c) {
        assertThat(Printable.of("a" + (char) c + "[2Jb")).isEqualTo("a\uFFFD[2Jb");
    }

    @ParameterizedTest
    @CsvSource({"plain text", "Größe 5 µm", "日本語", "a\\b \uD83D\uDE00"})
    void otherTextStays(String text) {
        assertThat(Printable.of(text)).isEqualTo(text);
    }
}
