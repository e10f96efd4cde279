package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class FastCommandsTest {
    /** By the program that knows all commands, or by the quick way where there is one. */
    private static Said run(boolean wholeProgram, String... args) {
        return Said.by(shell ->
                wholeProgram ? Forebay.commandLine(shell).execute(args) : Forebay.run(shell, args));
    }

    private static Optional<CommandLine> quickWay(String... args) {
        CommandLine whole = Forebay.commandLine(Shell.system());
        Forebay program = (Forebay) whole.getCommandSpec().userObject();
        return new FastCommands(new KeptCommands(Optional.empty())).to(program, args);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create", "write", "read", "access", "show", "set", "list", "count", "delete",
                "restore", "purge", "gen"
            })
    void aCommandIsTheSameEitherWay(String name) {
        String[][] lines = {
            {"buffer", name, "--help"},
            {"buffer", name, "--version"},
            {"buffer", name, "--no-such-option"},
            {"buffer", name, "one", "two", "three", "--server"}
        };
        for (String[] line : lines) {
            assertThat(run(false, line)).isEqualTo(run(true, line));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "completion", "login"})
    void aCommandWithoutAServerIsTheSameEitherWay(String name) {
        String[][] lines = {
            {name, "--help"},
            {name, "--version"},
            {name, "--no-such-option"},
            {name, "status", "--help"},
            {name, "one", "two", "three", "--server"}
        };
        assertThat(quickWay(name)).isPresent();
        for (String[] line : lines) {
            assertThat(run(false, line)).isEqualTo(run(true, line));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "--version", "-V"})
    void aLineAboutTheProgramIsTheSameEitherWay(String word) {
        assertThat(quickWay(word)).isPresent();
        // The word alone is an option only once it went through HelpWords.
        assertThat(run(false, word)).isEqualTo(run(true, word.equals("help") ? "--help" : word));
    }

    @Test
    void serveIsTheSameEitherWay() {
        String[][] lines = {
            {"serve", "--help"},
            {"serve", "--version"},
            {"serve", "--no-such-option"},
            {"serve", "--port", "many"},
            {"serve", "--tls-name", "a.example"}
        };
        for (String[] line : lines) {
            assertThat(quickWay(line)).isPresent();
            assertThat(run(false, line)).isEqualTo(run(true, line));
        }
    }

    @Test
    void serveWithAFileOfSettingsTakesTheLongWay() {
        String[][] lines = {
            {"serve", "--config", "no-such-file"},
            {"serve", "--config=no-such-file"},
            {"serve", "@no-such-file"}
        };
        for (String[] line : lines) {
            assertThat(quickWay(line)).isEmpty();
            assertThat(run(false, line)).isEqualTo(run(true, line));
        }
    }

    @Test
    void whatIsNotNamedInFullTakesTheLongWay() {
        String[][] lines = {
            {}, {"buffer"}, {"buffer", "creat"}, {"buffers", "--help"}, {"--help", "buffer"}
        };
        for (String[] line : lines) {
            assertThat(quickWay(line)).isEmpty();
            assertThat(run(false, line)).isEqualTo(run(true, line));
        }
    }
}
