package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.bddf.Pod;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.identity.Users;
import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands on the log of a directory and in a file, and of a running server. */
final class LogCommandTest {
    private static final long START = 1_790_000_000_000_000_000L;
    private static final long SECOND = 1_000_000_000L;

    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir Path directory;

    private String data() {
        return directory.resolve("data").toString();
    }

    private static String text(long nanos) {
        return Instant.ofEpochSecond(0, nanos).toString();
    }

    private static Entry comment(String message, long nanos) {
        return new Entry.Comment(
                KnownMessages.encode(
                        KnownMessages.COMMENT,
                        Map.of("message", message, "timestamp", text(nanos))));
    }

    private static Entry blob(String channel, long nanos, String data) {
        return new Entry.Blob(
                OptionalLong.of(nanos),
                channel,
                "t",
                "test",
                ByteBuffer.wrap(data.getBytes(UTF_8)));
    }

    /** A log with a comment, an event, a tick and blobs from {@link #START} on, 10 s apart. */
    private void record() throws IOException {
        Files.createDirectories(directory.resolve("data"));
        try (DataLog log =
                DataLog.open(
                        directory.resolve("data").resolve("log"), DataLogSettings.defaults())) {
            long schema =
                    log.register(
                            new SignalSchema(
                                    "speed",
                                    List.of(new SignalSchema.Variable("v", Pod.INT8, false))),
                            "test");
            List<Entry> entries =
                    List.of(
                            blob("gps", START, "first"),
                            comment("the \u001b[31mknee\u001b[0m is hot", START + 10 * SECOND),
                            new Entry.Event(
                                    KnownMessages.encode(
                                            KnownMessages.EVENT,
                                            Map.of(
                                                    "id", "e7",
                                                    "type", "org:fall",
                                                    "start_time", text(START + 20 * SECOND),
                                                    "end_time", text(START + 25 * SECOND),
                                                    "level", "LEVEL_HIGH"))),
                            new Entry.Tick(
                                    OptionalLong.of(START + 30 * SECOND),
                                    1,
                                    "legs",
                                    schema,
                                    ByteBuffer.wrap(new byte[] {42})),
                            blob("gps", START + 40 * SECOND, "last"));
            assertThat(log.record(entries, Durability.SYNCED).refusals()).isEmpty();
        }
    }

    private String downloaded() throws IOException {
        record();
        String file = directory.resolve("log.bddf").toString();
        CLI.run("log", "download", "--data", data(), "-o", file).text();
        return file;
    }

    private List<String> tableOf(String command) {
        return CLI.run("log", command, "--data", data(), "--format", "table")
                .text()
                .lines()
                .toList();
    }

    @Test
    void aLogIsExportedInEveryFormat() throws IOException {
        String file = downloaded();
        Path csv = directory.resolve("csv");
        CLI.run("log", "export", "--file", file, "--format", "csv", "-o", csv.toString()).text();
        assertThat(csv.resolve("signal-speed-legs.csv"))
                .hasContent("time_ns,sequence,v\r\n" + (START + 30 * SECOND) + ",1,42\r\n");
        String mcap = directory.resolve("log.mcap").toString();
        Cli.Outcome outcome =
                CLI.run("log", "export", "--data", data(), "--format", "mcap", "-o", mcap);
        assertThat(outcome.text()).isEmpty();
        assertThat(outcome.err()).contains("exported 4 messages and 1 ticks of 1 signals");
        assertThat(Files.readAllBytes(Path.of(mcap))).startsWith(0x89, 'M', 'C', 'A', 'P');
        String lines =
                new String(
                        CLI.run("log", "export", "--file", file, "--format", "jsonl").data(),
                        UTF_8);
        assertThat(lines.lines()).hasSize(5);
        // Nothing in the log steers the terminal.
        assertThat(lines).doesNotContain("\u001b").contains("\\u001b[31mknee");
    }

    @Test
    void aQueryGivesWhatFits() throws IOException {
        record();
        String found =
                new String(
                        CLI.run(
                                        "log",
                                        "query",
                                        "--data",
                                        data(),
                                        "--channel",
                                        "gps",
                                        "--from",
                                        text(START + 1),
                                        "--to",
                                        Long.toString(START + 40 * SECOND))
                                .data(),
                        UTF_8);
        assertThat(found.lines())
                .singleElement()
                .asString()
                .contains("\"channel\":\"gps\"")
                .contains("\"data_base64\":\"bGFzdA==\"");
        assertThat(CLI.run("log", "query", "--data", data(), "--channel", "none").data()).isEmpty();
    }

    @Test
    void statusEventsAndPagesTellWhatTheLogHolds() throws IOException {
        record();
        Map<?, ?> status = CLI.run("log", "status", "--data", data()).json();
        assertThat(status.get("taken")).isEqualTo(5);
        assertThat(status.get("held")).isEqualTo(5);
        assertThat(status.get("comments")).isEqualTo(1);
        Cli.Outcome events = CLI.run("log", "events", "--data", data(), "--level", "3");
        assertThat(events.out()).contains("org:fall").doesNotContain("\u001b");
        assertThat(CLI.run("log", "events", "--data", data(), "--level", "4").json().get("events"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .isEmpty();
        assertThat(CLI.run("log", "pages", "--data", data()).array()).hasSize(3);
        assertThat(CLI.run("log", "next-to-go", "--data", data()).array()).hasSize(3);
        assertThat(tableOf("pages"))
                .hasSize(4)
                .first()
                .asString()
                .matches("ID +FROM +TO +BYTES +ENTRIES +OPEN +PRESERVE");
        assertThat(tableOf("next-to-go")).hasSize(4);
        assertThat(tableOf("status")).contains("KEY       VALUE", "pages     3");
        assertThat(tableOf("events"))
                .hasSizeGreaterThan(1)
                .first()
                .asString()
                .matches("TIME +LEVEL +TYPE +SOURCE +TEXT");
        Map<?, ?> page =
                (Map<?, ?>)
                        CLI.run("log", "pages", "--data", data(), "--to", text(START))
                                .array()
                                .getFirst();
        CLI.run("log", "delete", "--data", data(), String.valueOf(page.get("id"))).text();
        assertThat(CLI.run("log", "status", "--data", data()).json().get("lost"))
                .isEqualTo(Map.of("DELETED", 2));
    }

    @Test
    void aCutFileIsSaidToBeDamagedAndIsRecovered() throws IOException {
        String file = downloaded();
        CLI.run("log", "verify", "--file", file).text();
        byte[] whole = Files.readAllBytes(Path.of(file));
        Files.write(Path.of(file), Arrays.copyOf(whole, whole.length - 40));
        Cli.Outcome verified = CLI.run("log", "verify", "--file", file);
        assertThat(verified.code()).isEqualTo(Failures.DAMAGED);
        assertThat(verified.out()).contains("CUT");
        assertThat(verified.err()).startsWith("Error: ").contains("forebay log recover --file");
        CLI.run("log", "export", "--file", file, "--format", "jsonl")
                .failedWith(Failures.DAMAGED, "'" + file + "' is damaged: the file ends at");
        Map<?, ?> recovered = CLI.run("log", "recover", "--file", file).json();
        assertThat(recovered.get("wasComplete")).isEqualTo(false);
        assertThat(recovered.get("lostBlocks")).isEqualTo(0);
        CLI.run("log", "verify", "--file", file).text();
    }

    @Test
    void aChangedByteOfAPageIsFound() throws IOException {
        record();
        Map<?, ?> sound = CLI.run("log", "verify", "--data", data()).json();
        assertThat(sound.get("pages")).isEqualTo(3);
        assertThat(sound.get("blocks")).isEqualTo(5);
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve("data/log/pages"))) {
            files.filter(file -> file.toString().endsWith(".bddf")).forEach(pages::add);
        }
        for (Path page : pages) {
            String bytes = Files.readString(page, ISO_8859_1);
            Files.writeString(page, bytes.replace("first", "fIrst"), ISO_8859_1);
        }
        Cli.Outcome verified = CLI.run("log", "verify", "--data", data());
        assertThat(verified.code()).isEqualTo(Failures.DAMAGED);
        assertThat(verified.out()).contains("DAMAGED").contains("checksum");
    }

    @Test
    void aBundleHoldsWhatIsNearAndItsManifestIsTrue() throws Exception {
        record();
        Path folder = directory.resolve("case");
        CLI.run(
                        "log",
                        "bundle",
                        "--data",
                        data(),
                        "--around",
                        "org:fall",
                        "--before",
                        "10s",
                        "--after",
                        "5s",
                        "-o",
                        folder.toString())
                .text();
        Map<?, ?> manifest =
                Json.read(Files.readAllBytes(folder.resolve("manifest.json")), Map.class);
        // From 10 s before its beginning to 5 s behind its end: comment, event and tick.
        assertThat(manifest.get("messages")).isEqualTo(2);
        assertThat(manifest.get("ticks")).isEqualTo(1);
        assertThat(manifest.get("from")).isEqualTo(text(START + 10 * SECOND));
        assertThat(manifest.get("to")).isEqualTo(text(START + 30 * SECOND));
        for (String name : List.of("log.bddf", "log.mcap")) {
            byte[] bytes = Files.readAllBytes(folder.resolve(name));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            assertThat(manifest.get("files"))
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsEntry(
                            name,
                            Map.of(
                                    "bytes",
                                    bytes.length,
                                    "sha256",
                                    HexFormat.of().formatHex(digest)));
        }
        CLI.run("log", "bundle", "--data", data(), "--around", "e7", "-o", folder.toString())
                .failedWith(1, "is not empty");
        CLI.run("log", "bundle", "--data", data(), "--around", "elbow", "-o", data() + "2")
                .failedWith(1, "no comment has 'elbow' in it");
    }

    @Test
    void aRunningServerRecordsAndAnswersForAUser() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Users.open(Disk.system(), Clock.system(), data.resolve("keys")).add("operator", "secret");
        String password = Files.writeString(directory.resolve("password"), "secret\n").toString();
        try (ForebayServer server = ForebayServer.start(ServerConfig.of(data, 0))) {
            String[] login = {
                "--server",
                server.uri().toString(),
                "--user",
                "operator",
                "--password-file",
                password
            };
            run(login, "log", "comment", "here we are").text();
            run(login, "log", "text", "--level", "warn", "low battery").text();
            run(login, "log", "event", "org:fall", "--level", "high").text();
            CLI.runWith(
                            "bytes".getBytes(UTF_8),
                            with(login, "log", "blob", "--type", "t", "--channel", "c"))
                    .text();
            assertThat(run(login, "log", "status").json().get("taken")).isEqualTo(4);
            assertThat(run(login, "log", "events").out())
                    .contains("here we are")
                    .contains("org:fall");
            assertThat(new String(run(login, "log", "query", "--channel", "c").data(), UTF_8))
                    .contains("Ynl0ZXM=");
            Path folder = directory.resolve("case");
            run(login, "log", "bundle", "--around", "we are", "-o", folder.toString()).text();
            assertThat(folder.resolve("manifest.json")).exists();
            assertThat(run(login, "log", "next-to-go").array()).isEmpty();
            // The same directory is not open to another process meanwhile.
            CLI.run("log", "status", "--data", data.toString()).failedWith(1, "log");
            Files.writeString(Path.of(password), "guessed");
            run(login, "log", "status").failedWith(1, "401", "the password is wrong");
        }
    }

    @Test
    void aTailPrintsEachEntryOnceAlsoAcrossARestart() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Users.open(Disk.system(), Clock.system(), data.resolve("keys")).add("operator", "secret");
        String password = Files.writeString(directory.resolve("password"), "secret\n").toString();
        ForebayServer server = ForebayServer.start(ServerConfig.of(data, 0));
        try {
            String[] login = {
                "--server",
                server.uri().toString(),
                "--user",
                "operator",
                "--password-file",
                password
            };
            run(login, "log", "comment", "before").text();
            CompletableFuture<Cli.Outcome> tail =
                    CompletableFuture.supplyAsync(() ->
                            run(
                                    login,
                                    "log",
                                    "tail",
                                    "--from",
                                    "0",
                                    "--interval",
                                    "10ms",
                                    "--count",
                                    "4"));
            run(login, "log", "comment", "first").text();
            int port = server.uri().getPort();
            server.close();
            server = ForebayServer.start(ServerConfig.of(data, port));
            run(login, "log", "text", "second").text();
            run(login, "log", "comment", "third").text();
            Cli.Outcome outcome = tail.get(5, TimeUnit.MINUTES);
            assertThat(outcome.code()).as(outcome.err()).isZero();
            assertThat(
                            outcome.out()
                                    .lines()
                                    .map(line ->
                                            line.replaceAll(".*\"message\":\"([a-z]+)\".*", "$1")))
                    .containsExactlyInAnyOrder("before", "first", "second", "third");
        } finally {
            server.close();
        }
    }

    @Test
    void aPasswordIsNotSentUnencryptedToAnotherMachine() throws IOException {
        String password = Files.writeString(directory.resolve("password"), "secret\n").toString();
        for (String host : List.of("192.0.2.1", "no.such.host.invalid")) {
            CLI.run(
                            "log",
                            "status",
                            "--server",
                            "http://" + host + ":7720",
                            "--user",
                            "operator",
                            "--password-file",
                            password)
                    .failedWith(2, "unencrypted", "https://" + host);
        }
    }

    private static String[] with(String[] login, String... args) {
        return Stream.concat(Stream.of(args), Stream.of(login)).toArray(String[]::new);
    }

    private static Cli.Outcome run(String[] login, String... args) {
        return CLI.run(with(login, args));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "log exprt;Did you mean: forebay log export",
                "log status;expected --user NAME",
                "log status --user x;expected --password-file FILE",
                "log status x;unexpected argument 'x'",
                "log status --data;Missing required parameter for option '--data'",
                "log comment;Missing required parameter: 'TEXT'",
                "log comment x --data .;entries are recorded by a running server",
                "log comment a b;unexpected argument 'b'",
                "log text x --level loud;expected debug, info, warn or error, found 'loud'",
                "log text;Missing required parameter: 'TEXT'",
                "log text x --data .;entries are recorded by a running server",
                "log event;Missing required parameter: 'TYPE'",
                "log event x --level 3;found '3'",
                "log event x --data .;entries are recorded by a running server",
                "log blob;Missing required option: '--type=NAME'",
                "log blob --type t --data .;entries are recorded by a running server",
                "log blob --type t a b;unexpected argument 'b'",
                "log events --level 6 --data .;--level must be 0 to 5",
                "log events --from yesterday;'yesterday' is not a time",
                "log events --data . --from 2s --to 4s;--from is later than --to",
                "log query --from 1x;'1x' is not a time",
                "log query --to 99999999999999999999;is not a time",
                "log query x;unexpected argument 'x'",
                "log tail --data .;entries come to a running server",
                "log tail --count 0;--count must be 1 or more",
                "log tail --interval often;'often'",
                "log tail x;unexpected argument 'x'",
                "log pages --from 1 --to 0 --data .;--from is later than --to",
                "log pages 7;unexpected argument '7'",
                "log pages --to soon;'soon' is not a time",
                "log next-to-go 7;unexpected argument '7'",
                "log next-to-go --from 1;--from",
                "log next-to-go;expected --user NAME",
                "log delete;expected the ID of a page, --from or --to",
                "log delete --data . x;unexpected argument 'x'",
                "log delete --data . --from 1 --to 0;--from is later than --to",
                "log download --from x;'x' is not a time",
                "log download a;unexpected argument 'a'",
                "log download;expected --user NAME",
                "log export --file x;Missing required option: '--format=FORMAT'",
                "log export --file x --format xml;expected csv, jsonl or mcap, found 'xml'",
                "log export --file x --format csv;expected -o FOLDER",
                "log export --file x --format mcap;expected -o FILE",
                "log export --file x --format jsonl --channel c;--file takes the whole file",
                "log verify;expected --file BDDF or --data DIR",
                "log verify --file x --data y;expected --file BDDF or --data DIR",
                "log verify x;unexpected argument 'x'",
                "log recover;expected --file BDDF or --data DIR",
                "log recover --file x --data y;expected --file BDDF or --data DIR",
                "log recover x;unexpected argument 'x'",
                "log bundle --data . -o x;Missing required option: '--around=WHAT'",
                "log bundle --data . --around x;Missing required option: '--output=FOLDER'",
                "log bundle --data . --around x -o y --before soon;'soon' is not a time",
            })
    void aWrongUseSaysWhatWasExpected(String line, String expected) {
        CLI.run(line.split(" ")).failedWith(2, expected);
    }

    @ParameterizedTest
    @CsvSource({"status", "pages", "events", "query", "download", "next-to-go", "verify"})
    void whatIsNoLogIsSaidAndStaysWhatItIs(String command) throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        CLI.run("log", command, "--data", empty.toString()).failedWith(1, "there is no log in");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void emptyNamesAndFoldersForFilesAreRefused() throws IOException {
        record();
        CLI.run("log", "bundle", "--data", data(), "--around", "", "-o", data() + "-bundle")
                .failedWith(2, "--around is empty");
        CLI.run("log", "query", "--data", data(), "--channel", "")
                .failedWith(2, "--channel is empty");
        CLI.run(
                        "log",
                        "status",
                        "--server",
                        "http://127.0.0.1:1",
                        "--user",
                        "x",
                        "--password-file",
                        data())
                .failedWith(1, "expected a file with the password, found the folder '" + data());
    }

    @Test
    void filesThatAreNoLogsAreRefused() throws IOException {
        String none = directory.resolve("none").toString();
        CLI.run("log", "export", "--file", none, "--format", "jsonl").failedWith(1, none);
        CLI.run("log", "recover", "--file", none).failedWith(1, "there is no file '" + none);
        String folder = directory.toString();
        CLI.run("log", "export", "--file", folder, "--format", "jsonl")
                .failedWith(1, "'" + folder + "': is a directory, not a file");
        CLI.run("log", "verify", "--file", folder)
                .failedWith(1, "'" + folder + "': is a directory, not a file");
        CLI.run("log", "recover", "--file", folder)
                .failedWith(1, "'" + folder + "' is a folder or a device; name a BDDF file");
        String other = Files.writeString(directory.resolve("other"), "something").toString();
        CLI.run("log", "export", "--file", other, "--format", "jsonl")
                .failedWith(1, "'" + other + "': the file does not begin with 'BDDF'");
        CLI.run("log", "recover", "--file", other)
                .failedWith(1, "nothing of '" + other + "' can be recovered");
        assertThat(Path.of(other)).hasContent("something");
        Cli.Outcome verified = CLI.run("log", "verify", "--file", other);
        assertThat(verified.code()).isEqualTo(Failures.DAMAGED);
        assertThat(verified.err()).contains("one place is damaged").doesNotContain("recover");
    }
}
