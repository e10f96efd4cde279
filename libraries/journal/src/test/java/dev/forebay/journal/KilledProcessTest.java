package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills real processes, and counts what they had told their parent. */
class KilledProcessTest {
    private static final int LANES = 2;
    private static final List<Durability> LEVELS = List.of(Durability.values());

    @TempDir Path temp;

    private static Path placeOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static Process victim(Path directory, Durability level, boolean systemCalls)
            throws IOException, URISyntaxException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        if (systemCalls) { // Without them blocks are reserved by writing zeros.
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        String path =
                placeOf(Disk.class) + ":" + placeOf(Journal.class) + ":" + placeOf(Victim.class);
        command.addAll(List.of("-cp", path, Victim.class.getName()));
        command.addAll(List.of(directory.toString(), level.word()));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** One directory whose owners die one after the other, and what is known of it. */
    private static final class Lane {
        private final Path directory;
        private final Random random;
        private long witnessed;

        Lane(Path directory, long seed) {
            this.directory = directory;
            this.random = new Random(seed);
        }

        /**
         * Every eighth dies while it opens, the others somewhere in their appends. Most recover
         * what the one before left; of every fifth the parent reads everything back.
         */
        void kill(int kill) throws Exception {
            Durability level = LEVELS.get(kill % LEVELS.size());
            Process process = victim(directory, level, kill % 4 == 0);
            int wait = kill % 8 == 7 ? 0 : 1 + random.nextInt(300);
            try (BufferedReader lines = output(process)) {
                assertThat(lines.readLine()).isEqualTo("opening");
                if (wait > 0) {
                    assertThat(opened(lines.readLine())).isTrue();
                }
                for (int i = 0; i < wait; i++) {
                    assertThat(acknowledged(lines.readLine())).isTrue();
                }
                process.toHandle().destroyForcibly(); // The pipe stays open and is read out.
                if (wait == 0) {
                    opened(lines.readLine());
                }
                while (acknowledged(lines.readLine())) {
                    Thread.onSpinWait();
                }
            }
            assertThat(process.waitFor()).isEqualTo(137);
            if (kill % 5 == 4) {
                readBack();
            }
        }

        /** What was there when it was opened: all that was witnessed, and at most one more. */
        private boolean opened(@Nullable String line) {
            if (line == null || !line.matches("[0-9]+ [0-9]+")) {
                return false;
            }
            long next = Long.parseLong(line.substring(line.indexOf(' ') + 1));
            assertThat(next).isBetween(witnessed + 1, witnessed + 2);
            witnessed = next - 1;
            return true;
        }

        /** A line that the kill cut short may be a smaller number, and counts for nothing. */
        private boolean acknowledged(@Nullable String line) {
            if (!Long.toString(witnessed + 1).equals(line)) {
                return false;
            }
            witnessed++;
            return true;
        }

        private void readBack() {
            try (Journal journal =
                    Journal.open(Disk.system(), Clock.system(), directory, Victim.SETTINGS)) {
                assertThat(journal.next()).isBetween(witnessed + 1, witnessed + 2);
                assertThat(journal.recovery().damage()).isEmpty();
                assertThat(journal.first()).isLessThanOrEqualTo(Math.max(1, witnessed - 49));
                try (JournalReader reader = journal.read(journal.first())) {
                    for (long i = journal.first(); i < journal.next(); i++) {
                        Entry entry = reader.next();
                        assertThat(entry).isInstanceOf(Frame.class);
                        if (entry instanceof Frame frame) {
                            assertThat(frame.sequence()).isEqualTo(i);
                            assertThat(frame.payload()).isEqualTo(Victim.payload(i));
                        }
                    }
                }
                witnessed = journal.next() - 1;
            }
        }
    }

    /**
     * Eighty kills here; {@code -Dforebay.journal.kills=10000} for the soak. What the parent read
     * from the pipe was acknowledged, and must be there.
     */
    @Test
    void nothingTheParentWitnessedIsLostWhenTheProcessIsKilled() throws Exception {
        int kills = Integer.getInteger("forebay.journal.kills", 80);
        try (ExecutorService threads = Executors.newFixedThreadPool(LANES)) {
            List<Future<Long>> lanes = new ArrayList<>();
            for (int i = 0; i < LANES; i++) {
                Lane lane = new Lane(temp.resolve("lane-" + i), i);
                lanes.add(
                        threads.submit(() -> {
                            for (int kill = 0; kill < kills / LANES; kill++) {
                                lane.kill(kill);
                            }
                            lane.readBack();
                            return lane.witnessed;
                        }));
            }
            for (Future<Long> lane : lanes) {
                assertThat(lane.get()).isGreaterThan(kills);
            }
        }
    }

    /** None of what happens in the owner's own process may let another process in. */
    @Test
    void refusedSecondOpenAndToolsInOwnersProcessLetNoOtherProcessIn() throws Exception {
        Path directory = temp.resolve("owned");
        try (Journal owner =
                Journal.open(Disk.system(), Clock.system(), directory, Victim.SETTINGS)) {
            for (long i = 1; i <= 10; i++) {
                owner.append(Victim.payload(i));
            }
            assertThatThrownBy(() ->
                            Journal.open(Disk.system(), Clock.system(), directory, Victim.SETTINGS))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.LOCKED));
            Path alias = Files.createSymbolicLink(temp.resolve("alias"), directory);
            assertThatThrownBy(() ->
                            Journal.open(Disk.system(), Clock.system(), alias, Victim.SETTINGS))
                    .isInstanceOf(JournalException.class);
            JournalTool tool = new JournalTool(Disk.system(), Clock.system(), directory);
            assertThat(tool.verify().damage()).isEmpty();
            assertThat(tool.inspect().segments()).isNotEmpty();
            List<Entry> dumped = new ArrayList<>();
            tool.dump(1, dumped::add);
            assertThat(dumped).hasSize(10);
            assertThatThrownBy(tool::repair).isInstanceOf(JournalException.class);
            assertThat(Files.readString(directory.resolve("lock")))
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));

            Process other = victim(directory, Durability.SYNCED, true);
            try (BufferedReader lines = output(other)) {
                assertThat(lines.readLine()).isEqualTo("opening");
                assertThat(lines.readLine()).as("the other process is refused").isNull();
                assertThat(other.waitFor()).isEqualTo(1);
            } finally {
                other.destroyForcibly().waitFor();
            }
            assertThat(owner.append(Victim.payload(11))).isEqualTo(11);
        }
        try (Journal again =
                Journal.open(Disk.system(), Clock.system(), directory, Victim.SETTINGS)) {
            assertThat(again.next()).isEqualTo(12);
        }
    }

    @Test
    void anotherProcessOnTheSameDirectoryIsNamedByItsPid() throws Exception {
        Path directory = temp.resolve("two");
        Process process = victim(directory, Durability.WRITTEN, true);
        try (BufferedReader lines = output(process)) {
            assertThat(lines.readLine()).isEqualTo("opening");
            assertThat(lines.readLine()).isEqualTo("1 1");
            assertThatThrownBy(() ->
                            Journal.open(Disk.system(), Clock.system(), directory, Victim.SETTINGS))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.LOCKED))
                    .hasMessageContaining("process " + process.pid());
            assertThat(lines.readLine()).isEqualTo("1"); // It goes on, unharmed.
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
