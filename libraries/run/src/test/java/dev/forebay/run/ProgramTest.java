package dev.forebay.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static final Map<String, String> VALUES = Map.of("A", "1", "B", "$(A)", "E", "");

    @Test
    void variablesAreReplacedInOnePass() {
        assertThat(Variables.expand("x$(A)y$(A)", VALUES)).isEqualTo("x1y1");
        assertThat(Variables.expand("$(B)", VALUES)).isEqualTo("$(A)");
        assertThat(Variables.expand("[$(E)]", VALUES)).isEqualTo("[]");
    }

    @Test
    void whatIsNoVariableStays() {
        for (String text : List.of("$(C)", "$A", "$", "$$", "$(A", "a$", "$()", "")) {
            assertThat(Variables.expand(text, VALUES)).isEqualTo(text);
        }
    }

    @Test
    void escapedVariableLosesOneDollar() {
        assertThat(Variables.expand("$$(A) $$(C)", VALUES)).isEqualTo("$(A) $(C)");
        assertThat(Variables.expand("$$$(A)", VALUES)).isEqualTo("$$(A)");
    }

    @Test
    void programSeesItsPipesAndArgumentsSeeItsEnvironment() {
        Program program =
                Program.of(
                                List.of("run", "$(IN-X_PIPE)"),
                                List.of(Parameter.input("in-x"), Parameter.output("out")))
                        .withEnv(Map.of("LEVEL", "$(OUT_PIPE):$(DEEP)", "DEEP", "$(LEVEL)"))
                        .withArgs(List.of("$(LEVEL)"));
        Invocation invocation = program.resolve(Map.of("in-x", "/p/in", "out", "/p/out"));
        assertThat(invocation.words()).containsExactly("run", "/p/in", "/p/out:$(LEVEL)");
        assertThat(invocation.env())
                .containsEntry("IN-X_PIPE", "/p/in")
                .containsEntry("OUT_PIPE", "/p/out")
                .containsEntry("LEVEL", "/p/out:$(LEVEL)");
    }

    @Test
    void whatNoSystemCanExecuteIsRefused() {
        assertThatThrownBy(() -> Program.of(List.of("a\0b"), List.of()))
                .hasMessageContaining("U+0000");
        Program program = Program.of(List.of("a"), List.of());
        assertThatThrownBy(() -> program.withEnv(Map.of("A=B", "x"))).hasMessageContaining("A=B");
        assertThatThrownBy(() -> Parameter.input("../x")).hasMessageContaining("../x");
        assertThatThrownBy(() ->
                        Program.of(
                                List.of("a"), List.of(Parameter.input("x"), Parameter.output("x"))))
                .hasMessageContaining("one name");
    }
}
