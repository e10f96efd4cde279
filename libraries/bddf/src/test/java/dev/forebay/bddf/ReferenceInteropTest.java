package dev.forebay.bddf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reader and the writer of the reference against ours, in both directions. They come as the
 * Python package {@code bosdyn-core}; without it these tests are skipped, unless {@code
 * FOREBAY_REQUIRE_CLIENTS} is set, as it is in CI.
 */
class ReferenceInteropTest {
    @TempDir Path temp;

    @BeforeAll
    static void needPackage() throws Exception {
        boolean there;
        try {
            there = run(List.of("python3", "-c", "import bosdyn.bddf")).code == 0;
        } catch (IOException e) {
            there = false; // There is no Python.
        }
        if (System.getenv("FOREBAY_REQUIRE_CLIENTS") != null) {
            assertThat(there).as("Python can import bosdyn.bddf").isTrue();
        }
        assumeThat(there)
                .as("skipped: no Python that can import bosdyn.bddf; .ci/run installs it")
                .isTrue();
    }

    private record Outcome(int code, String output) {}

    private static Outcome run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("%s did not end within 2 minutes".formatted(command));
        }
        return new Outcome(process.exitValue(), output);
    }

    private String python(String script, Path file) throws Exception {
        Path program = Files.writeString(temp.resolve("program.py"), script);
        List<String> command = new ArrayList<>(List.of("python3", program.toString()));
        command.add(file.toString());
        Outcome outcome = run(command);
        assertThat(outcome.code).as(outcome.output).isZero();
        return outcome.output;
    }

    @Test
    void referenceReadersReadWhatWeWrite() throws Exception {
        Path file = Files.write(temp.resolve("ours.bddf"), Samples.mixed(Checksum.SHA1, 50));
        String output =
                python(
                        """
                        import sys
                        from bosdyn.bddf import DataReader, StreamDataReader
                        with open(sys.argv[1], 'rb') as f:
                            reader = DataReader(f)
                            print(reader.file_descriptor.annotations['k'])
                            for name in ('text', 'numbers'):
                                series = reader.series_spec_to_index({'bosdyn:channel': name})
                                for i in range(50):
                                    described, nanos, data = reader.read(series, i)
                                    print(name, nanos, len(data), list(described.additional_indexes))
                        with open(sys.argv[1], 'rb') as f:
                            reader = StreamDataReader(f)
                            count = 0
                            try:
                                while True:
                                    reader.read_data_block()
                                    count += 1
                            except EOFError as end:
                                print(count, reader.eof)
                        """,
                        file);
        List<String> expected = new ArrayList<>(List.of("v"));
        for (int i = 0; i < 50; i++) {
            expected.add("text %d %d []".formatted(i * 10, ("text " + i).length()));
        }
        for (int i = 0; i < 50; i++) {
            expected.add("numbers %d %d [%d]".formatted(i * 10 + 5, 24 * (i % 3 + 1), i));
        }
        expected.add("100 True");
        assertThat(output.lines().toList()).containsExactlyElementsOf(expected);
    }

    @Test
    void weReadWhatTheReferenceWrites() throws Exception {
        Path file = temp.resolve("theirs.bddf");
        python(
                """
                import sys
                from bosdyn.bddf import DataWriter, PodSeriesWriter
                from bosdyn.api.bddf_pb2 import PodTypeDescriptor
                from bosdyn.api import bddf_pb2
                with open(sys.argv[1], 'wb') as f, DataWriter(f, annotations={'who': 'reference'}) as w:
                    series = w.add_message_series('bosdyn:channel', {'bosdyn:channel': 'c'},
                        'text/plain', 't', annotations={'a': 'b'}, additional_index_names=['n'])
                    for i in range(30):
                        w.write_data(series, i * 1000000007, ('text %d' % i).encode(), [i])
                    numbers = PodSeriesWriter(w, 'bosdyn:channel', {'bosdyn:channel': 'pod'},
                        bddf_pb2.TYPE_FLOAT32)
                    for i in range(1000):
                        numbers.write(i * 10, i * 0.5)
                    numbers.finish_block()
                """,
                file);
        byte[] bytes = Files.readAllBytes(file);
        List<String> texts = Samples.read(bytes);
        for (int i = 0; i < 30; i++) {
            assertThat(texts).contains("c@%d=text %d".formatted(i * 1000000007L, i));
        }
        BddfFile read = BddfFile.open(Source.of(bytes));
        assertThat(read.file().annotations()).isEqualTo(Map.of("who", "reference"));
        int series = read.find(Map.of("bosdyn:channel", "c")).orElseThrow();
        assertThat(read.series(series).descriptor().annotations()).isEqualTo(Map.of("a", "b"));
        assertThat(read.read(series, 29).additionalIndexes()).containsExactly(29L);
        int pod = read.find(Map.of("bosdyn:channel", "pod")).orElseThrow();
        assertThat(read.series(pod).descriptor().type())
                .isEqualTo(new SeriesType.Numbers(Pod.FLOAT32, List.of()));
        assertThat(read.series(pod).blocks().payloadBytes()).isEqualTo(4000);
    }

    @Test
    void referenceReadersReadAPageThatWasRecovered() throws Exception {
        Disk disk = Disk.system();
        Path page = temp.resolve("p.bddf");
        Path index = temp.resolve("p.index");
        try (PageWriter writer = PageWriter.create(disk, page, index, Map.of())) {
            int series =
                    writer.addSeries(
                            Samples.channel("c"),
                            new SeriesType.Message("text/plain", "t", false),
                            Map.of(),
                            List.of(),
                            "");
            for (int i = 0; i < 10; i++) {
                writer.write(series, i, Samples.bytes(i % 3 == 2 ? "" : "text " + i));
            }
        }
        byte[] whole = Files.readAllBytes(page);
        Files.write(page, Arrays.copyOf(whole, whole.length - 20));
        assertThat(BddfRecovery.recover(disk, page, index).blocks()).isEqualTo(7);
        String output =
                python(
                        """
                        import sys
                        from bosdyn.bddf import DataReader
                        with open(sys.argv[1], 'rb') as f:
                            reader = DataReader(f)
                            series = reader.series_spec_to_index({'bosdyn:channel': 'c'})
                            for i in range(7):
                                print(reader.read(series, i)[2].decode())
                        """,
                        page);
        assertThat(output.lines())
                .containsExactly(
                        "text 0", "text 1", "text 3", "text 4", "text 6", "text 7", "text 9");
    }
}
