package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code buffer gen} makes the bytes that the reference makes. */
final class GenTest {
    @RegisterExtension static final Cli CLI = new Cli();

    static String sha256(byte[] data) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3MiB, 09d7daed99c15bcee48dfa269c7597a1036a371c90100dda6f4fdcfe7ab79385",
        "32MiB, b997630f9de63d635b4f686f6e4d9827d253bcf3e0ee204186095486ff64793c"
    })
    void itsHashesAreThoseOfTheReference(String size, String hash) {
        Cli.Outcome outcome = CLI.run("buffer", "gen", size);
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(sha256(outcome.data())).isEqualTo(hash);
    }

    @Test
    void itWritesToAFileThatItEmptiesFirst(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "something longer than that");
        assertThat(CLI.run("buffer", "gen", "4", "-o", file.toString()).text()).isEmpty();
        assertThat(file).hasContent(":;<=");
    }

    @Test
    void nothingIsNothing() {
        assertThat(CLI.run("buffer", "gen", "0").data()).isEmpty();
    }

    @Test
    void aWrongSizeTouchesNoFile(@TempDir Path directory) {
        Path file = directory.resolve("file");
        CLI.run("buffer", "gen", "10g", "-o", file.toString())
                .failedWith(Failures.USAGE, "SIZE", "'10g' is not a size");
        assertThat(file).doesNotExist();
    }
}
