package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Writing and reading buffers. */
final class TransferTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final byte[] DATA =
            "What was written is what is read.".repeat(3000).getBytes(UTF_8);

    @TempDir private Path directory;

    @Test
    void whatIsWrittenByIdIsReadById() {
        String id = CLI.create();
        Cli.Outcome written = CLI.runWith(DATA, "buffer", "write", id, "-b", "10K");
        assertThat(written.text()).isEmpty();
        assertThat(written.err())
                .matches("96\\.7 KiB written in [0-9.]+ s \\([0-9.]+ [KMG]iB/s\\)\n");
        Cli.Outcome read = CLI.run("buffer", "read", id);
        assertThat(read.data()).isEqualTo(DATA);
        assertThat(read.text()).isEmpty();
        assertThat(read.err()).matches("96\\.7 KiB read in [0-9.]+ s \\([0-9.]+ [KMG]iB/s\\)\n");
    }

    @Test
    void anAccessUrlIsEnoughWithoutAnyLogin() {
        String id = CLI.create();
        String writing = CLI.run("buffer", "access", "--write", id).text();
        String reading = CLI.run("buffer", "access", id).text();
        String server = CLI.variables.remove("FOREBAY_SERVER");
        try {
            assertThat(CLI.runWith(DATA, "buffer", "write", writing).code()).isZero();
            assertThat(CLI.run("buffer", "read", reading).data()).isEqualTo(DATA);
            CLI.run("buffer", "read", id).failedWith(1, "not logged in", "forebay login URL");
        } finally {
            CLI.variables.put("FOREBAY_SERVER", server);
        }
    }

    @Test
    void aFileMayHoldTheAccessUrlAndTheData() throws IOException {
        String id = CLI.create();
        Path writing = directory.resolve("writing");
        Files.writeString(writing, CLI.run("buffer", "access", "-w", id).text() + " \r\n");
        Path reading = directory.resolve("reading");
        Files.writeString(reading, CLI.run("buffer", "access", id).text());
        Path in = Files.write(directory.resolve("in"), DATA);
        Path out = Files.writeString(directory.resolve("out"), "an older one");
        CLI.run("buffer", "write", writing.toString(), "-i", in.toString()).text();
        CLI.run("buffer", "read", reading.toString(), "-o", out.toString()).text();
        assertThat(out).hasBinaryContent(DATA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "%s\n", "%s\r\n", "\uFEFF%s\r\n", " %s "})
    void aFileMayHoldTheIdOrTheUrlAsEditorsAndShellsLeaveIt(String form) throws IOException {
        String id = CLI.create();
        Path file = Files.writeString(directory.resolve("id"), form.formatted(id));
        CLI.runWith(DATA, "buffer", "write", file.toString()).text();
        assertThat(CLI.run("buffer", "read", file.toString()).data()).isEqualTo(DATA);
        String url = CLI.run("buffer", "access", id).text();
        Files.writeString(file, form.formatted(url));
        assertThat(CLI.run("buffer", "read", file.toString()).data()).isEqualTo(DATA);
    }

    @Test
    void aHyphenIsAStandardStreamAndNoFile() {
        String id = CLI.create();
        CLI.runWith(DATA, "buffer", "write", id, "-i", "-").text();
        assertThat(CLI.run("buffer", "read", id, "-o", "-").data()).isEqualTo(DATA);
        assertThat(CLI.run("buffer", "gen", "3", "-o", "-").data()).hasSize(3);
        assertThat(Path.of("-")).doesNotExist();
    }

    @Test
    void anOutputThatCannotBeMadeIsSaidWithTheDirectoryThatIsMissing() {
        Path out = directory.resolve("none").resolve("out");
        CLI.run("buffer", "gen", "1", "-o", out.toString())
                .failedWith(1, "there is no directory " + out.getParent());
        String id = CLI.create();
        CLI.runWith(DATA, "buffer", "write", id).text();
        CLI.run("buffer", "read", id, "-o", out.toString())
                .failedWith(1, "there is no directory " + out.getParent());
        CLI.run("buffer", "read", id, "-o", directory.toString()).failedWith(1, "directory");
    }

    @Test
    void whatAServerSaysOfAWrongUrlIsSaidInASentence() {
        CLI.run("buffer", "read", CLI.url() + "/containers/x?se=1")
                .failedWith(1, "status 400: ApiVersionUnspecified: Unspecified API version");
        CLI.run("buffer", "read", CLI.url() + "/containers/x?sig=1")
                .failedWith(1, "invalid access URL", "it is expired or wrong");
        CLI.run("buffer", "read", CLI.url() + "/x?sig=1")
                .failedWith(1, "status 404; is this an access URL?");
        CLI.run("buffer", "read", "http://127.0.0.1:99999/x?sig=1").failedWith(2, "port", "99999");
    }

    @Test
    void aBufferIsWrittenOnce() {
        String id = CLI.create();
        CLI.runWith(DATA, "buffer", "write", id).text();
        CLI.runWith(new byte[1], "buffer", "write", id).failedWith(1, "cannot be overwritten");
        assertThat(CLI.run("buffer", "read", id).data()).isEqualTo(DATA);
    }

    @Test
    void anEmptyBufferIsABuffer() {
        String id = CLI.create();
        assertThat(CLI.run("buffer", "write", id).err()).startsWith("0 B written");
        assertThat(CLI.run("buffer", "read", id).data()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"accepted", "written", "synced", "SYNCED"})
    void theServerGivesWhateverDurabilityIsDemanded(String level) {
        String id = CLI.create();
        CLI.runWith(DATA, "buffer", "write", id, "--durability", level).text();
        assertThat(CLI.run("buffer", "read", id).data()).isEqualTo(DATA);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "--dop;0;dop must be 1 to 1024",
                "--dop;-1;dop must be 1 to 1024",
                "--dop;1025;dop must be 1 to 1024",
                "--dop;many;'many' is not a whole number",
                "--block-size;0;block size must be 1 B to 1 GiB",
                "--block-size;2GiB;block size must be 1 B to 1 GiB",
                "--block-size;4mb;'4mb' is not a size",
                "--flush-interval;soon;'soon' is not a time",
                "--durability;flushed;accepted, written, synced",
                "--access-ttl;1x;expected D",
                "--input;/no/such/file;there is no file or folder '/no/such/file'",
                "--input;/;is a directory",
                "--input;``;not the name of a file",
            })
    void aWrongArgumentLeavesTheBufferToBeWritten(String option, String value, String expected) {
        String id = CLI.create();
        int code = option.equals("--input") && !value.isEmpty() ? 1 : 2;
        CLI.runWith(DATA, "buffer", "write", id, option, value).failedWith(code, expected);
        CLI.runWith(DATA, "buffer", "write", id).text();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "ftp://host/containers/a;an access URL begins with http:// or https://",
                "http://user@host/a?sig=x;neither a user nor a fragment",
                "http://host/a b?sig=x;not an access URL",
                "no/such/file;neither a buffer ID, nor an access URL, nor a file of less than 2048 bytes",
            })
    void whatIsNoBufferIsRefusedInWords(String buffer, String expected) {
        for (String command : new String[] {"read", "write"}) {
            Cli.Outcome outcome = CLI.run("buffer", command, buffer);
            outcome.failedWith(2, expected);
            assertThat(outcome.err()).doesNotContain("sig=x");
        }
    }

    @Test
    void aFileThatHoldsNoUrlIsRefusedInWords() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "hello!");
        CLI.run("buffer", "read", file.toString())
                .failedWith(1, file + " holds no access URL", "begins with http://");
        Path empty = Files.writeString(directory.resolve("empty"), "\r\n");
        CLI.run("buffer", "read", empty.toString())
                .failedWith(1, empty + " is empty; expected a buffer ID or an access URL");
        Path wide = Files.write(directory.resolve("wide"), "http://a".getBytes(UTF_16));
        CLI.run("buffer", "read", wide.toString()).failedWith(1, wide + " holds", "not in UTF-8");
        Path large = Files.writeString(directory.resolve("large"), "x".repeat(2048));
        CLI.run("buffer", "read", large.toString()).failedWith(2, "a file of less than 2048 bytes");
    }

    @Test
    void aUrlThatIsNoGoodEmptiesNoFile() throws IOException {
        String url = CLI.run("buffer", "access", CLI.create()).text();
        Path file = Files.writeString(directory.resolve("file"), "precious");
        CLI.run("buffer", "read", url.replace("sig=", "sig=A"), "-o", file.toString())
                .failedWith(1, "it is expired or wrong; get a new one from the server");
        assertThat(file).hasContent("precious");
        String id = CLI.create();
        CLI.run("buffer", "read", id, "--access-ttl", "x", "-o", file.toString())
                .failedWith(2, "expected D");
        CLI.run("buffer", "read", url, "--access-ttl", "1").failedWith(2, "goes with an ID");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aDamagedBufferEndsWithThreeAndReleasesNothing() throws IOException {
        String id = CLI.create();
        CLI.runWith(DATA, "buffer", "write", id).text();
        Path blob = CLI.container(id).resolve("00").resolve("000=");
        byte[] stored = Files.readAllBytes(blob);
        stored[17] ^= 1;
        Files.write(blob, stored);
        Cli.Outcome outcome = CLI.run("buffer", "read", id);
        outcome.failedWith(Failures.DAMAGED, "00/000");
        assertThat(outcome.data()).isEmpty();
    }

    @Test
    void damageThatServerDetectsEndsReadWithThree() throws IOException {
        String id = CLI.create();
        CLI.runWith(DATA, "buffer", "write", id).text();
        Path blob = CLI.container(id).resolve("00").resolve("000=");
        byte[] stored = Files.readAllBytes(blob);
        Files.write(blob, Arrays.copyOf(stored, 3)); // Too short for what every blob ends with.
        Cli.Outcome outcome = CLI.run("buffer", "read", id);
        outcome.failedWith(Failures.DAMAGED, "00/000");
        assertThat(outcome.data()).isEmpty();
    }

    @Test
    void aServerThatIsNotThereIsSaidWithTheNextStep() {
        CLI.run("buffer", "show", "abc", "--server", "http://127.0.0.1:9")
                .failedWith(
                        1, "the server at http://127.0.0.1:9 does not answer", "is it running?");
    }
}
