package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.cli.TransferSettings.Direction;
import dev.forebay.cli.TransferSettings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transfer settings, read as a file and seen through the commands. */
final class TransferSettingsTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    private Setting at(String text, String url, Direction direction) throws IOException {
        Path file = Files.writeString(directory.resolve("transfer.json"), text);
        return new TransferSettings(new TransferSettingsFile(file).read())
                .at(new AccessUrl(url), direction);
    }

    private static Path users() throws IOException {
        Path folder = CLI.directory().resolve("config").resolve("forebay");
        Files.createDirectories(folder);
        return folder.resolve("transfer.json");
    }

    @AfterEach
    void removeTheUsers() throws IOException {
        Files.deleteIfExists(users());
    }

    @Test
    void theHostBeatsAnyHostAndADirectionBeatsBoth() throws IOException {
        String text =
                """
                // Comments are fine.
                {
                  "*": {"dop": 5, "blockSize": "1MiB", "read": {"dop": 6}},
                  "Scanner.Local": {"dop": 7, "write": {"dop": 8, "blockSize": 4096}},
                  "bare": {}
                }
                """;
        ByteSize mebibyte = ByteSize.ofMiB(1);
        assertThat(at(text, "http://scanner.local:7720/a?sig=x", Direction.WRITE))
                .isEqualTo(new Setting(8, ByteSize.of(4096)));
        assertThat(at(text, "https://SCANNER.local/a", Direction.READ))
                .isEqualTo(new Setting(7, mebibyte));
        assertThat(at(text, "http://bare/a", Direction.READ)).isEqualTo(new Setting(6, mebibyte));
        assertThat(at(text, "http://bare/a", Direction.WRITE)).isEqualTo(new Setting(5, mebibyte));
        assertThat(at(text, "http://other/a", Direction.READ)).isEqualTo(new Setting(6, mebibyte));
        assertThat(at("{}", "http://other/a", Direction.READ)).isEqualTo(Setting.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{|'*': {|'dpo': 3}};3: the key '*.dpo' is unknown; expected dop, blockSize, read or write",
                "{'h': {|'read': {|'blockSize': '1K'}}};3: the key 'h.read.blockSize' is unknown; expected dop",
                "{'h': {'write': {'x': 1}}};1: the key 'h.write.x' is unknown; expected dop or blockSize",
                "{'h':|{'blockSize': '8mb'}};2: 'h.blockSize': '8mb' is not a size",
                "{'h': {'blockSize': '2GiB'}};1: 'h.blockSize' must be 1 B to 1 GiB, not 2 GiB",
                "{'h': {'blockSize': 0}};1: 'h.blockSize' must be 1 B to 1 GiB",
                "{'h': {'blockSize': true}};1: 'h.blockSize' must be a size",
                "{'h': {'dop': 0}};1: 'h.dop' must be 1 to 1024, not 0",
                "{'h': {'dop': '7'}};1: 'h.dop' must be 1 to 1024, not 7",
                "{'h': {'dop': 99999999999}};1: 'h.dop' must be 1 to 1024, not 99999999999",
                "{'h': {'dop': 1.5}};1: 'h.dop' must be 1 to 1024, not 1.5",
                "{'h': 7};1: 'h' must be an object of dop, blockSize, read or write",
                "{'h': {'read': []}};1: 'h.read' must be an object of dop",
                "[];1: the file must be an object of hosts",
                "{'http://h': {}};1: 'http://h' is not a host",
                "{'h': {},|'H': {}};2: the host 'H' is there twice",
                "{'h': {'dop': 1,|'dop': 2}};2: not JSON: Duplicate",
                "{'h': {}}|{};2: something follows the end",
                "{'h': {|'dop': };2: not JSON",
            })
    void whatIsWrongIsSaidByLineAndKeyAndNothingIsWritten(String text, String expected)
            throws IOException {
        String json = text.replace('\'', '"').replace('|', '\n');
        Path file = Files.writeString(users(), json);
        String id = CLI.create();
        CLI.runWith(new byte[5], "buffer", "write", id).failedWith(2, file + ":" + expected);
        CLI.run("buffer", "read", id).failedWith(2, file + ":" + expected);
        Files.delete(file);
        CLI.runWith(new byte[5], "buffer", "write", id).text();
    }

    private static long blobs(String id) throws IOException {
        try (Stream<Path> files = Files.list(CLI.container(id).resolve("00"))) {
            return files.count() - 1; // The last one is the empty one.
        }
    }

    private static long blobsWritten(String... flags) throws IOException {
        String id = CLI.create();
        byte[] data = "x".repeat(1000).getBytes(UTF_8);
        String[] args =
                Stream.concat(Stream.of("buffer", "write", id), Stream.of(flags))
                        .toArray(String[]::new);
        CLI.runWith(data, args).text();
        assertThat(CLI.run("buffer", "read", id).data()).isEqualTo(data);
        return blobs(id);
    }

    @Test
    void theFlagBeatsTheHostTheHostAnyHostAndThatTheDefault() throws IOException {
        assertThat(blobsWritten()).isEqualTo(1);
        Files.writeString(users(), "{\"*\": {\"blockSize\": 500}}");
        assertThat(blobsWritten()).isEqualTo(2);
        Files.writeString(
                users(), "{\"*\": {\"blockSize\": 500}, \"127.0.0.1\": {\"blockSize\": 250}}");
        assertThat(blobsWritten()).isEqualTo(4);
        assertThat(blobsWritten("--block-size", "100")).isEqualTo(10);
    }
}
