package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalSettings;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code forebay journal} on a journal that the test writes and damages. */
final class JournalCommandTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final int FRAMES = 10;

    @TempDir private Path directory;

    private Journal open() {
        return Journal.open(
                Disk.system(), Clock.system(), directory.resolve("j"), JournalSettings.defaults());
    }

    private String written() {
        try (Journal journal = open()) {
            for (int i = 1; i <= FRAMES; i++) {
                journal.append(payload(i), i, Durability.SYNCED);
            }
        }
        return directory.resolve("j").toString();
    }

    private static byte[] payload(int i) {
        return ("the payload of frame " + i + ";").getBytes(UTF_8);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> walk = Files.walk(directory.resolve("j"))) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    /** Flips a bit in the payload of a frame, where it lies on the disk. */
    private void damage(int frame) throws IOException {
        String wanted = new String(payload(frame), UTF_8);
        for (Path file : files()) {
            int at = Files.readString(file, ISO_8859_1).indexOf(wanted);
            if (at >= 0) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(new byte[] {(byte) ('t' ^ 1)}), at);
                }
                return;
            }
        }
        throw new AssertionError("frame " + frame + " is nowhere");
    }

    /** Name and content of every file. */
    private Map<String, String> snapshot() throws IOException {
        Map<String, String> all = new TreeMap<>();
        for (Path file : files()) {
            all.put(file.toString(), GenTest.sha256(Files.readAllBytes(file)));
        }
        return all;
    }

    private static List<Map<?, ?>> lines(Cli.Outcome outcome) {
        return new String(outcome.data(), UTF_8)
                .lines()
                .<Map<?, ?>>map(line -> Json.read(line.getBytes(UTF_8), Map.class))
                .toList();
    }

    @Test
    void aWholeJournalIsShownVerifiedAndDumped() throws IOException {
        String journal = written();
        Map<String, String> before = snapshot();
        Map<?, ?> inspected = CLI.run("journal", "inspect", journal).json();
        assertThat(inspected.get("segments"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(1);
        assertThat(CLI.run("journal", "inspect", journal, "--format", "table").text())
                .startsWith("SEGMENT")
                .contains("frames 1 to 10, synced to 10, 0 damaged places, a clean end");
        Map<?, ?> verified = CLI.run("journal", "verify", journal).json();
        assertThat(verified.get("next")).isEqualTo(FRAMES + 1);
        assertThat(verified.get("damage")).isEqualTo(List.of());
        Cli.Outcome dumped = CLI.run("journal", "dump", journal);
        assertThat(lines(dumped)).hasSize(FRAMES);
        assertThat(lines(dumped).get(3))
                .isEqualTo(
                        Map.of(
                                "sequence",
                                4,
                                "time",
                                String.valueOf(lines(dumped).get(3).get("time")),
                                "flags",
                                4,
                                "payload",
                                Base64.getEncoder().encodeToString(payload(4))));
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void payloadsAloneAreDumpedFromWhereverOneLikes() throws IOException {
        String journal = written();
        Path file = directory.resolve("out");
        CLI.run("journal", "dump", journal, "--from", "9", "--format", "raw", "-o", file.toString())
                .text();
        assertThat(file).hasContent("the payload of frame 9;the payload of frame 10;");
        CLI.run("journal", "dump", journal, "--from", "0")
                .failedWith(2, "--from must be 1 or more");
    }

    @Test
    void damageIsFoundToldAndSetAsideAndTheRestIsKept() throws IOException {
        String journal = written();
        damage(4);
        Map<String, String> damaged = snapshot();
        Cli.Outcome verified = CLI.run("journal", "verify", journal);
        assertThat(verified.code()).isEqualTo(Failures.DAMAGED);
        assertThat(verified.out()).contains("\"sequence\" : 4");
        assertThat(verified.err())
                .startsWith("Error: 1 frames that were synced cannot be read, in 1 places")
                .contains("forebay journal repair " + journal);
        Cli.Outcome dumped = CLI.run("journal", "dump", journal);
        assertThat(dumped.code()).isEqualTo(Failures.DAMAGED);
        assertThat(lines(dumped)).hasSize(FRAMES).contains(Map.of("sequence", 4, "missing", 1));
        CLI.run("journal", "inspect", journal).text();
        assertThat(snapshot()).isEqualTo(damaged);

        Map<?, ?> repaired = CLI.run("journal", "repair", journal).json();
        assertThat(repaired.get("damage")).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(1);
        assertThat(CLI.run("journal", "verify", journal).json().get("damage")).isEqualTo(List.of());
        Cli.Outcome rest = CLI.run("journal", "dump", journal);
        assertThat(rest.code()).isEqualTo(Failures.DAMAGED);
        assertThat(lines(rest)).hasSize(FRAMES).contains(Map.of("sequence", 4, "missing", 1));
        List<Path> aside =
                files().stream()
                        .filter(file -> file.startsWith(Path.of(journal, "aside")))
                        .toList();
        assertThat(aside).hasSize(1);
        assertThat(Files.readString(aside.getFirst(), ISO_8859_1))
                .contains("uhe payload of frame 4;");
    }

    @Test
    void aTornEndIsToldAndIsNoDamage() throws IOException {
        String journal = written();
        damage(FRAMES);
        // What is left of a power cut: nothing says that the last frame was ever synced.
        Files.delete(Path.of(journal, "checkpoint"));
        Map<?, ?> verified = CLI.run("journal", "verify", journal).json();
        assertThat(verified.get("tornEnd"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("sequence", FRAMES);
        assertThat(CLI.run("journal", "repair", journal).json().get("next")).isEqualTo(FRAMES);
        assertThat(CLI.run("journal", "verify", journal).json().get("tornEnd")).isNull();
    }

    @Test
    void aJournalInUseIsReadButNotRepaired() {
        String journal = written();
        try (Journal open = open()) {
            assertThat(open.next()).isEqualTo(FRAMES + 1);
            CLI.run("journal", "verify", journal).text();
            CLI.run("journal", "repair", journal).failedWith(1, journal);
        }
        CLI.run("journal", "repair", journal).text();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "verify", "repair", "dump"})
    void whatIsNoJournalIsSaidAndStaysWhatItIs(String command) throws IOException {
        CLI.run("journal", command, directory.resolve("none").toString())
                .failedWith(1, "there is no journal in");
        assertThat(directory.resolve("none")).doesNotExist();
        Path empty = Files.createDirectory(directory.resolve("empty"));
        CLI.run("journal", command, empty.toString()).failedWith(1, "there is no journal in");
        assertThat(empty).isEmptyDirectory();
        CLI.run("journal", command).failedWith(2, "Missing required parameter: 'DIR'");
    }
}
