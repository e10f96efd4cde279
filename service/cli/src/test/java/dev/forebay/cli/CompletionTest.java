package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The completion script, in a real bash. */
final class CompletionTest {
    @RegisterExtension static final Cli CLI = new Cli();

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
        "buffer write %/in, %/input.raw",
        "buffer read %/in, %/input.raw",
        "buffer write x -i %/in, %/input.raw",
        "buffer write x --input %/in, %/input.raw",
        "buffer read x -o %/in, %/input.raw",
        "buffer gen 1 -o %/in, %/input.raw"
    })
    void aWordThatIsBegunIsCompleted(String begun, String word, @TempDir Path directory)
            throws IOException, InterruptedException {
        Path script = directory.resolve("completion");
        Files.writeString(script, CLI.run("completion").text());
        Files.createFile(directory.resolve("input.raw"));
        Process bash =
                new ProcessBuilder(
                                "bash",
                                "-c",
                                """
                                source "$0"
                                compopt() { :; } # Works only where bash itself completes.
                                COMP_WORDS=(forebay %s)
                                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                                _complete_forebay
                                echo "${COMPREPLY[@]}"
                                """
                                        .formatted(begun.replace("%", directory.toString())),
                                script.toString())
                        .redirectErrorStream(true)
                        .start();
        String answer = new String(bash.getInputStream().readAllBytes(), UTF_8);
        assertThat(bash.waitFor()).as(answer).isZero();
        assertThat(answer.split("\\s+")).contains(word.replace("%", directory.toString()));
    }
}
