package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns of the shell fit what the shell says. */
class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "gps/*, gps/fix, true",
        "gps/*, gps/, true",
        "gps/*, gp/fix, false",
        "*, anything, true",
        "?, a, true",
        "?, ab, false",
        "a*b*c, a-b-b-c, true",
        "a*b*c, a-b-b-d, false",
        "[abc]x, bx, true",
        "[a-c]x, dx, false",
        "[!a-c]x, dx, true",
        "[!a-c]x, ax, false",
        "[a, [a, true",
        "a.b, axb, false",
        "[]]x, ]x, true",
    })
    void patternFits(String pattern, String text, boolean fits) {
        assertThat(Glob.fits(pattern, text)).isEqualTo(fits);
    }

    @Test
    void randomPatternsFitAsAnExpressionDoes() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder glob = new StringBuilder();
            StringBuilder expression = new StringBuilder();
            for (int i = random.nextInt(6); i > 0; i--) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        glob.append('*');
                        expression.append(".*");
                    }
                    case 1 -> {
                        glob.append('?');
                        expression.append('.');
                    }
                    default -> {
                        char c = (char) ('a' + random.nextInt(2));
                        glob.append(c);
                        expression.append(c);
                    }
                }
            }
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(7); i > 0; i--) {
                text.append((char) ('a' + random.nextInt(2)));
            }
            assertThat(Glob.fits(glob.toString(), text.toString()))
                    .as("%s on %s", glob, text)
                    .isEqualTo(Pattern.matches(expression.toString(), text));
        }
    }

    @Test
    void patternOfManyStarsTakesNoLongerThanTheProductOfTheLengths() {
        assertThat(Glob.fits("*a".repeat(2000) + "b", "a".repeat(4000))).isFalse();
    }
}
