package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.control.ControlException.Kind;
import dev.forebay.run.RunStatus;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an expression selects, and that a message points at the character that is wrong. */
class StatusExpressionTest {
    private static String selected(String expression) {
        return StatusExpression.parse(expression).stream()
                .sorted()
                .map(RunStatus::text)
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "Running ; Running",
                "running||PENDING ; Pending Running",
                "!Succeeded ; Pending Running Failed Canceling Canceled",
                "! ! Failed ; Failed",
                "\"Running\" || 'failed' ; Running Failed",
                "(Running) ; Running",
                "Running && Pending ; ~~",
                "Running && !Pending ; Running",
                "!Running && !Pending ; Failed Succeeded Canceling Canceled",
                "!(Running || Pending) ; Failed Succeeded Canceling Canceled",
                "!Running || Running ; Pending Running Failed Succeeded Canceling Canceled",
                "((Running)||(!(!Failed))) ; Running Failed"
            })
    void anExpressionSelectsTheStatesThatMeetIt(String expression, String states) {
        assertThat(selected(expression.strip())).isEqualTo(states.strip());
    }

    @Test
    void notBindsBeforeAndAndAndBeforeOr() {
        // With || before && the first would be Running alone, the second none.
        assertThat(selected("Running || Pending && Running")).isEqualTo("Running");
        assertThat(selected("Failed || Running && Pending")).isEqualTo("Failed");
        assertThat(selected("Running && Pending || Failed")).isEqualTo("Failed");
        assertThat(selected("Running && (Pending || Running)")).isEqualTo("Running");
        // With && before ! the first would be all, the second without Succeeded.
        assertThat(selected("!Running && Pending")).isEqualTo("Pending");
        assertThat(selected("!Running && Succeeded || Running")).isEqualTo("Running Succeeded");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "~~ ; expected a status, ! or ( at character 1 of '', found the end",
                "Running || ; expected a status, ! or ( at character 11 of 'Running ||', found the end",
                "Running | Failed ; expected && or ||, or the end at character 9 of 'Running | Failed', found '|'",
                "Running Failed ; expected && or ||, or the end at character 9 of 'Running Failed', found 'F'",
                "(Running ; expected &&, || or a closing bracket at character 9 of '(Running', found the end",
                "Running) ; expected && or ||, or the end at character 8 of 'Running)', found ')'",
                "|| Running ; expected a status, ! or ( at character 1",
                "Running && \"Failed ; expected a quote that closes this one at character 12",
                "Running || Runing ; Invalid status: Runing, at character 12 of 'Running || Runing'; expected one of Pending, Running, Failed, Succeeded, Canceling, Canceled",
                "'' ; Invalid status: , at character 1",
                "Run%ning ; Invalid status: Run, at character 1"
            })
    void aMessagePointsAtTheCharacter(String expression, String message) {
        assertThatThrownBy(() -> StatusExpression.parse(expression.strip()))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
                .hasMessageContaining(message.strip());
    }

    @Test
    void deepNestingIsRefusedInWords() {
        assertThat(selected("!".repeat(98) + "Failed")).isEqualTo("Failed");
        for (String deep : new String[] {"!".repeat(100_000), "(".repeat(100_000)}) {
            assertThatThrownBy(() -> StatusExpression.parse(deep))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("at most 100 levels");
        }
    }

    /** Expressions that are made together with what they select. */
    @Test
    void randomExpressionsSelectWhatTheirTreesSelect() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            Set<RunStatus> expected = or(random, text, 4);
            assertThat(StatusExpression.parse(text.toString()))
                    .as("seed %s: %s", seed, text)
                    .isEqualTo(expected);
        }
    }

    private static Set<RunStatus> or(Random random, StringBuilder text, int depth) {
        Set<RunStatus> states = and(random, text, depth);
        while (random.nextInt(3) == 0) {
            text.append(random.nextBoolean() ? " || " : "||");
            states.addAll(and(random, text, depth));
        }
        return states;
    }

    private static Set<RunStatus> and(Random random, StringBuilder text, int depth) {
        Set<RunStatus> states = not(random, text, depth);
        while (random.nextInt(3) == 0) {
            text.append(random.nextBoolean() ? " && " : "&&");
            states.retainAll(not(random, text, depth));
        }
        return states;
    }

    private static Set<RunStatus> not(Random random, StringBuilder text, int depth) {
        int choice = depth == 0 ? 2 : random.nextInt(4);
        if (choice == 0) {
            text.append(random.nextBoolean() ? "!" : "! ");
            Set<RunStatus> rest = EnumSet.allOf(RunStatus.class);
            rest.removeAll(not(random, text, depth - 1));
            return rest;
        }
        if (choice == 1) {
            text.append('(');
            Set<RunStatus> inside = or(random, text, depth - 1);
            text.append(')');
            return inside;
        }
        RunStatus status = List.of(RunStatus.values()).get(random.nextInt(6));
        text.append(random.nextBoolean() ? status.text() : "'" + status.name() + "'");
        return EnumSet.of(status);
    }
}
