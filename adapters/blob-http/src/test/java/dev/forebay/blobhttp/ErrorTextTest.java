package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ErrorTextTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"error\":{\"code\":\"NotFound\",\"message\":\"No such thing\"}} | NotFound: No"
                        + " such thing",
                "{\"fault\":1} | {\"fault\":1}",
                "{\"error\":{\"code\":\"cut o | {\"error\":{\"code\":\"cut o",
                "<?xml version=\"1.0\"?><Error><Code>A</Code> <Message>B is C.</Message></Error> |"
                        + " A: B is C.",
                "<html><body>Not here</body></html> | ``",
                "`  plain\n words ` | plain words",
                "`` | ``",
            })
    void codeAndMessageAreSaidInALine(String body, String said) {
        assertThat(ErrorText.of(body)).isEqualTo(said);
    }

    @Test
    void noMoreThanTheBeginningIsSaid() {
        assertThat(ErrorText.of("x".repeat(5000))).hasSize(200);
    }

    @Test
    void controlCharactersAreNotSaid() {
        assertThat(ErrorText.of("a\u001B[2Jb\u0007\u202E")).isEqualTo("a\uFFFD[2Jb\uFFFD\uFFFD");
        assertThat(ErrorText.of("{\"error\":{\"code\":\"A\",\"message\":\"\\u001b[2J\"}}"))
                .isEqualTo("A: \uFFFD[2J");
    }
}
