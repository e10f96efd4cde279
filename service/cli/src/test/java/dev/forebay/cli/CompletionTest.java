package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completion of words in shells. */
final class CompletionTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    private static List<String> completed(String... words) {
        String[] args =
                Stream.concat(Stream.of("complete-words", "--"), Stream.of(words))
                        .toArray(String[]::new);
        Cli.Outcome outcome = CLI.run(args);
        assertThat(outcome.err()).isEmpty();
        return outcome.text().lines().toList();
    }

    @ParameterizedTest
    @CsvSource({
        "bu, buffer",
        "buffer li, list",
        "buffer write --dur, --durability",
        "buffer list --form, --format",
        "login sta, status",
        "journal ver, verify",
        "buffer read --out, --output",
        "buffer show --format t, table",
        "buffer write --durability wr, written",
        "completion z, zsh"
    })
    void aWordThatIsBegunIsCompleted(String begun, String word) {
        assertThat(completed(begun.split(" "))).contains(word);
    }

    @Test
    void idsAreCompletedWhereABufferIsNamedAndNowhereElse() {
        String id = CLI.create();
        String begun = id.substring(0, id.length() - 1);
        assertThat(completed("buffer", "show", begun)).containsExactly(id);
        assertThat(completed("buffer", "read", "-o", "file", "")).contains(id);
        assertThat(completed("buffer", "delete", "x", begun)).containsExactly(id);
        assertThat(completed("buffer", "read", "-o", begun)).isEmpty();
        assertThat(completed("buffer", "show", id, begun)).isEmpty();
        assertThat(completed("buffer", "list", begun)).isEmpty();
        String server = CLI.variables.put("FOREBAY_SERVER", "http://127.0.0.1:9");
        try {
            assertThat(completed("buffer", "show", begun)).isEmpty();
        } finally {
            CLI.variables.put("FOREBAY_SERVER", server);
        }
    }

    /**
     * The options of a command and of those below it that take words, by what is typed for them.
     */
    private static Map<List<String>, List<String>> optionsOfWords(
            CommandLine command, List<String> above) {
        Map<List<String>, List<String>> found = new LinkedHashMap<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (option.completionCandidates() != null && option.arity().min() > 0) {
                List<String> typed = new ArrayList<>(above);
                typed.add(option.longestName());
                List<String> values = new ArrayList<>();
                option.completionCandidates()
                        .forEach(value -> values.add(value.toLowerCase(Locale.ROOT)));
                found.put(typed, values);
            }
        }
        command.getSubcommands()
                .forEach((name, below) -> {
                    List<String> typed = new ArrayList<>(above);
                    typed.add(name);
                    found.putAll(optionsOfWords(below, typed));
                });
        return found;
    }

    @Test
    void anOptionOfWordsIsCompletedWithThemAndNothingElse() {
        Map<List<String>, List<String>> all =
                optionsOfWords(Forebay.commandLine(Shell.system()), List.of());
        assertThat(all.keySet().stream().map(List::getLast))
                .contains("--format", "--durability", "--log-level", "--log-format", "--level")
                .contains("--executor", "--executor-pull");
        all.forEach((typed, values) -> {
            List<String> words = new ArrayList<>(typed);
            words.add("");
            assertThat(completed(words.toArray(String[]::new)))
                    .as("%s", typed)
                    .containsExactlyInAnyOrderElementsOf(values);
            String option = words.get(words.size() - 2);
            words = new ArrayList<>(typed.subList(0, typed.size() - 1));
            words.add(option + "=" + values.getFirst().charAt(0));
            assertThat(completed(words.toArray(String[]::new)))
                    .as("%s", words)
                    .contains(option + "=" + values.getFirst())
                    .allMatch(word -> word.startsWith(option + "="));
        });
        assertThat(completed("serve", "--executor-pull", "")).contains("missing");
        assertThat(completed("buffer", "list", "--since", "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "buffer show --format, '', json|table",
        "buffer show --format =, =, json|table",
        "buffer show --format = t, t, table",
        "buffer show --server http : //localhost --format = t, t, table",
        "buffer write --durability = sy, sy, synced",
    })
    void bashCompletesTheWordsOfAnOption(String typed, String last, String words) throws Exception {
        String before = last.isEmpty() ? typed : typed.substring(0, typed.length() - last.length());
        List<String> line = new ArrayList<>(List.of(before.strip().split(" ")));
        line.add(last);
        String script =
                """
                source ./script
                COMP_WORDS=('%s' %s)
                COMP_CWORD=%d
                _forebay
                printf '<%%s>' "${COMPREPLY[@]}"
                """
                        .formatted(
                                program(),
                                line.stream()
                                        .map(word -> "'" + word + "'")
                                        .collect(Collectors.joining(" ")),
                                line.size());
        assertThat(inShell("bash", script).replaceAll("[<>]+", " ").strip().split(" "))
                .containsExactlyInAnyOrder(words.split("[|]"));
    }

    /** A program of the name that shells know, which is this one. */
    private Path program() throws IOException {
        Path program = directory.resolve("forebay");
        String java =
                ProcessTest.java().stream()
                        .map(word -> "'" + word + "'")
                        .collect(Collectors.joining(" "));
        Checkout.program(program, "FOREBAY_SERVER='%s' exec %s \"$@\"".formatted(CLI.url(), java));
        return program;
    }

    private String inShell(String shell, String line) throws Exception {
        Path script = directory.resolve("script");
        Files.writeString(script, CLI.run("completion", shell).out());
        Process process =
                new ProcessBuilder(shell, "-c", line)
                        .redirectErrorStream(true)
                        .directory(directory.toFile())
                        .start();
        process.getOutputStream().close();
        String answer = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(answer).isZero();
        return answer;
    }

    @Test
    void bashCompletesIds() throws Exception {
        String id = CLI.create();
        String line =
                """
                source ./script
                COMP_WORDS=('%s' buffer show %s)
                COMP_CWORD=3
                _forebay
                printf '<%%s>' "${COMPREPLY[@]}"
                """
                        .formatted(program(), id.substring(0, id.length() - 1));
        assertThat(inShell("bash", line)).isEqualTo("<" + id + ">");
    }

    @Test
    void zshCompletesIds() throws Exception {
        assumeShell("zsh");
        String id = CLI.create();
        String line =
                """
                compdef() { }
                compadd() { shift; printf '<%%s>' "$@" }
                source ./script
                words=('%s' buffer show %s)
                CURRENT=4
                _forebay
                """
                        .formatted(program(), id.substring(0, id.length() - 1));
        assertThat(inShell("zsh", line)).isEqualTo("<" + id + ">");
    }

    @Test
    void fishCompletesIds() throws Exception {
        assumeShell("fish");
        String id = CLI.create();
        String line =
                "set -x HOME '%s'; set PATH '%s' $PATH; source ./script; complete -C 'forebay buffer show %s'"
                        .formatted(
                                directory, program().getParent(), id.substring(0, id.length() - 1));
        assertThat(inShell("fish", line).strip()).isEqualTo(id);
    }

    /** A shell that is not there is left out, and said, unless all have to be there. */
    private static void assumeShell(String shell) {
        if ("1".equals(System.getenv("FOREBAY_REQUIRE_CLIENTS"))) {
            assertThat(isThere(shell))
                    .as("expected %s in PATH; .ci/run installs it", shell)
                    .isTrue();
        }
        assumeTrue(
                isThere(shell),
                () ->
                        "completion in %s is not tried: there is no %s in PATH"
                                .formatted(shell, shell));
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
