package dev.forebay.record.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Trigger;
import dev.forebay.record.RecordBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fifteen pushes with relaunches, by processes that really die; and the printed form. */
class PrintedRunTest {
    private final JsonCodec codec = new JsonCodec();

    /** Runs processes one after another until one ends by itself; all they printed. */
    private static List<String> run(Path directory, boolean afterStoring, List<Integer> kills)
            throws Exception {
        List<String> printed = new ArrayList<>();
        int first = 1;
        List<Integer> left = new ArrayList<>(kills);
        while (true) {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx128m",
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    PrintedRunProcess.class.getName(),
                                    directory.toString(),
                                    String.valueOf(first),
                                    String.valueOf(afterStoring),
                                    String.join(",", left.stream().map(String::valueOf).toList()))
                            .redirectErrorStream(true)
                            .start();
            printed.addAll(
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList());
            int exit = process.waitFor();
            if (exit == 0) {
                return printed;
            }
            assertThat(exit).as("%s", printed).isEqualTo(PrintedRunProcess.RELAUNCH);
            int diedAt = left.removeFirst();
            first = afterStoring ? diedAt + 1 : diedAt;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thePrintedRunIsReproducedInBothReadingsRecordForRecord(
            boolean afterStoring, @TempDir Path directory) throws Exception {
        List<String> printed =
                run(directory.resolve("buffer"), afterStoring, List.of(3, 10, 11, 12, 13));
        List<String> expected = new ArrayList<>();
        for (int batch = 1; batch <= 5; batch++) {
            expected.add("release " + batch);
            for (int i = batch * 3 - 3; i < batch * 3; i++) {
                expected.add(codec.print(PrintedRunProcess.RECORDS.get(i)));
            }
        }
        assertThat(printed.stream().filter(l -> l.startsWith("release") || l.startsWith("{")))
                .containsExactlyElementsOf(expected);
        assertThat(printed.stream().filter("relaunch"::equals)).hasSize(5);
    }

    @Test
    void aRecordIsPrintedAsTheReferencePrintsIt() {
        assertThat(codec.print(PrintedRunProcess.RECORDS.getFirst()))
                .isEqualTo("{\"id\": \"1\", \"create_at\": \"2024-01-07T07:35:21.867031+00:00\"}");
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", "caf\u00e9");
        members.put("values", List.of(1, 2));
        members.put("ratio", Double.NaN);
        JsonRecord record = new JsonRecord("x", Instant.parse("2024-01-07T07:35:21Z"), members);
        assertThat(codec.print(record))
                .isEqualTo(
                        "{\"id\": \"x\", \"create_at\": \"2024-01-07T07:35:21+00:00\", \"name\":"
                                + " \"caf\\u00e9\", \"values\": [1, 2], \"ratio\": NaN}");
        assertThat(codec.decode(codec.encode(record))).isEqualTo(record);
    }

    @Test
    void aTextWithoutAnIdIsDamagedNotGivenAFreshOne() {
        assertThatThrownBy(() -> codec.decode("{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DamagedException.class);
    }

    /** The reference's closing remedy: flush, and hand over once more, whatever happened. */
    @Test
    void theClosingBlockHandsOverOnceMoreWithNothingLost() throws Exception {
        List<JsonRecord> sink = new ArrayList<>();
        try (RecordBuffer<JsonRecord> buffer =
                RecordBuffer.<JsonRecord>of(Trigger.moreThan(100)).open()) {
            try {
                buffer.addAll(PrintedRunProcess.RECORDS);
                throw new IllegalStateException("the planner stopped");
            } catch (IllegalStateException e) {
                assertThat(sink).isEmpty();
            } finally {
                buffer.flush();
                buffer.take(Duration.ZERO)
                        .ifPresent(batch -> {
                            sink.addAll(batch.records());
                            buffer.commit(batch);
                        });
            }
        }
        assertThat(sink).isEqualTo(PrintedRunProcess.RECORDS);
    }
}
