package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.record.outlet.Batch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that are killed at any moment, and a parent that believes only what it read from their
 * pipe: two dozen kills here, {@code -Dforebay.record.kills=10000} for the soak.
 */
class KillTest {
    @TempDir Path temp;

    /** What the parent has read. */
    private final Map<Long, String> batches = new HashMap<>();

    private final Set<Long> committed = new TreeSet<>();
    private final Set<Long> handedOut = new TreeSet<>();
    private long accepted;
    private long reset;
    private long dead;

    private static Process start(Path directory, Durability level, int seed) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledProcess.class.getName(),
                        directory.toString(),
                        level.word(),
                        String.valueOf(seed))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void witness(String line) {
        String[] words = line.split(" ", -1);
        if (!words[words.length - 1].equals(".")) {
            return; // The kill tore it.
        }
        long number = Long.parseLong(words[1]);
        switch (words[0]) {
            case "added" -> accepted = Math.max(accepted, number);
            case "reset" -> reset += number;
            case "taken" -> {
                String members = words[2] + " " + words[3];
                assertThat(batches.putIfAbsent(number, members)).isIn(null, members);
                assertThat(committed).doesNotContainAnyElementsOf(range(members));
                handedOut.addAll(range(members));
            }
            case "committed" -> committed.addAll(range(words[2] + " " + words[3]));
            case "dead" -> dead += range(words[2] + " " + words[3]).size();
            default -> throw new AssertionError(line);
        }
    }

    private static List<Long> range(String members) {
        String[] ends = members.split(" ", -1);
        return LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[1]))
                .boxed()
                .toList();
    }

    @Test
    void nothingTheParentWitnessedIsLostAndTheLedgerBalancesAfterEveryKill() throws Exception {
        int kills = Integer.getInteger("forebay.record.kills", 24);
        Path directory = temp.resolve("killed");
        Random random = new Random(5);
        for (int kill = 0; kill < kills; kill++) {
            Durability level = kill % 2 == 0 ? Durability.WRITTEN : Durability.SYNCED;
            kill(start(directory, level, kill), 1 + random.nextInt(400));
            try (RecordBuffer<String> buffer = KilledProcess.on(directory, level).open()) {
                Ledger ledger = buffer.ledger();
                assertThat(ledger.balances()).as("%s", ledger).isTrue();
                assertThat(ledger.accepted()).isBetween(accepted, accepted + 2);
                assertThat(ledger.committed()).isGreaterThanOrEqualTo(committed.size());
                assertThat(ledger.dropped().getOrDefault(DropReason.RESET, 0L))
                        .isGreaterThanOrEqualTo(reset);
                assertThat(ledger.dropped().getOrDefault(DropReason.DEAD_LETTER, 0L))
                        .isGreaterThanOrEqualTo(dead);
                catchUp(ledger);
            }
        }
        assertThat(committed).hasSizeGreaterThan(kills);
        settle(directory);
    }

    /** The process may have done one thing more than it could say. */
    private void catchUp(Ledger ledger) {
        accepted = ledger.accepted();
        reset = ledger.dropped().getOrDefault(DropReason.RESET, 0L);
        dead = ledger.dropped().getOrDefault(DropReason.DEAD_LETTER, 0L);
    }

    private void kill(Process process, int after) throws Exception {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            String line = lines.readLine();
            for (int i = 0; i < after && line != null; i++) {
                witness(line);
                line = lines.readLine();
            }
            process.toHandle().destroyForcibly(); // The pipe stays open and is read out.
            for (; line != null; line = lines.readLine()) {
                witness(line);
            }
        }
        assertThat(process.waitFor()).isEqualTo(137);
    }

    /** What is left comes out, whole and in order, and then every record has its place. */
    private void settle(Path directory) throws Exception {
        try (RecordBuffer<String> buffer = KilledProcess.on(directory, Durability.SYNCED).open()) {
            buffer.flush();
            Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
            while (batch.isPresent()) {
                Batch<String> out = batch.get();
                List<Long> members = range(out.first() + " " + out.last());
                assertThat(out.records()).isEqualTo(members.stream().map(String::valueOf).toList());
                witness("taken " + out.id() + " " + out.first() + " " + out.last() + " .");
                handedOut.addAll(members);
                buffer.commit(out);
                batch = buffer.take(Duration.ZERO);
            }
            Ledger ledger = buffer.ledger();
            assertThat(ledger.held()).isEqualTo(0);
            assertThat(ledger.accepted()).isEqualTo(ledger.committed() + ledger.droppedInAll());
            long unseen =
                    ledger.dropped().getOrDefault(DropReason.RESET, 0L)
                            + ledger.dropped().getOrDefault(DropReason.OLDEST, 0L);
            assertThat(handedOut.size() + unseen).isGreaterThanOrEqualTo(ledger.accepted());
        }
    }
}
