package dev.forebay.datalog.export;

import static dev.forebay.datalog.export.RecordedLog.START;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.forebay.bddf.Pod;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MCAP files, read back by the library of the MCAP project, which compares their CRCs. It comes as
 * the Python package {@code mcap}; without it these tests are skipped, unless {@code
 * FOREBAY_REQUIRE_CLIENTS} is set, as it is in CI.
 */
class McapReferenceTest {
    /** Prints the summary, and each message, read from its chunk with all CRCs compared. */
    private static final String PRINT =
            """
            import struct, sys, zlib
            from mcap.reader import make_reader
            from mcap.stream_reader import StreamReader
            with open(sys.argv[1], 'rb') as f:
                data = f.read()
            start, offsets, crc = struct.unpack('<QQI', data[-28:-8])
            assert zlib.crc32(data[start:-12]) == crc, 'crc of the summary'
            with open(sys.argv[1], 'rb') as f:
                for record in StreamReader(f, validate_crcs=True).records:
                    pass
            with open(sys.argv[1], 'rb') as f:
                reader = make_reader(f, validate_crcs=True)
                summary = reader.get_summary()
                s = summary.statistics
                print('counts', s.message_count, s.channel_count, s.schema_count, s.chunk_count,
                    len(summary.chunk_indexes))
                for c in summary.channels.values():
                    name = summary.schemas[c.schema_id]
                    print('channel', c.topic, c.message_encoding, name.name, name.encoding,
                        sorted(c.metadata.items()), s.channel_message_counts[c.id])
                for schema, channel, message in reader.iter_messages():
                    print(channel.topic, message.sequence, message.log_time,
                        message.data.decode('utf-8'))
            """;

    @TempDir Path temp;

    @BeforeAll
    static void needPackage() throws Exception {
        boolean there;
        try {
            there = run(List.of("python3", "-c", "import mcap.reader")).code == 0;
        } catch (IOException e) {
            there = false; // There is no Python.
        }
        if (System.getenv("FOREBAY_REQUIRE_CLIENTS") != null) {
            assertThat(there).as("Python can import mcap").isTrue();
        }
        assumeThat(there)
                .as("skipped: no Python that can import mcap; .ci/run installs it")
                .isTrue();
    }

    private record Outcome(int code, String output) {}

    private static Outcome run(List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("%s did not end within 2 minutes".formatted(command));
        }
        return new Outcome(process.exitValue(), output);
    }

    private List<String> readBack(byte[] bddf, String script) throws Exception {
        Path file = temp.resolve("log.mcap");
        try (FileChannel target =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            LogExport.mcap(RecordedLog.channel(bddf), target);
        }
        Path program = Files.writeString(temp.resolve("program.py"), script);
        Outcome outcome = run(List.of("python3", program.toString(), file.toString()));
        assertThat(outcome.code).as(outcome.output).isZero();
        return outcome.output.lines().toList();
    }

    @Test
    void everyEntryAndValueComesBack() throws Exception {
        List<String> lines =
                readBack(
                        RecordedLog.download(
                                temp.resolve("log"),
                                List.of(RecordedLog.EVERY),
                                RecordedLog.oneOfEach()),
                        PRINT);
        assertThat(lines).contains("counts 7 6 6 1 1");
        assertThat(lines)
                .contains("camera 0 " + (START + 3) + " jpeg")
                .contains("channel camera application/octet-stream image/jpeg  [] 1")
                .contains("channel state application/protobuf test.State  [] 1")
                .anyMatch(line ->
                        line.startsWith("every/type 10 " + (START + 5) + " {\"i8\":-128,")
                                && line.endsWith(
                                        "\"u64\":18446744073709551615,\"f32\":0.1,\"f64\":1.0E-300}"))
                .anyMatch(line ->
                        line.startsWith("every/type 11 " + (START + 6))
                                && line.endsWith("\"f32\":\"NaN\",\"f64\":\"-Infinity\"}"))
                .anyMatch(line ->
                        line.startsWith("channel every/type json every/type jsonschema")
                                && line.contains("('source', 'legs')"))
                .anyMatch(line ->
                        line.startsWith("bosdyn.api.OperatorComment 0 " + (START + 1))
                                && line.contains("\"message\":\"here\""));
    }

    @Test
    void emptyLogIsAWholeFile() throws Exception {
        List<String> lines =
                readBack(RecordedLog.download(temp.resolve("log"), List.of(), List.of()), PRINT);
        assertThat(lines).containsExactly("counts 0 0 0 0 0");
    }

    @Test
    void schemaThatChangesIsAnotherChannel() throws Exception {
        SignalSchema before =
                new SignalSchema(
                        "speed", List.of(new SignalSchema.Variable("a", Pod.UINT8, false)));
        SignalSchema after =
                new SignalSchema("speed", List.of(new SignalSchema.Variable("b", Pod.INT8, false)));
        ByteBuffer value = ByteBuffer.wrap(new byte[] {(byte) 200});
        List<String> lines =
                readBack(
                        RecordedLog.download(
                                temp.resolve("log"),
                                List.of(before, after),
                                List.of(
                                        RecordedLog.tick(START, 1, "", 0, value),
                                        RecordedLog.tick(START + 1, 2, "", 1, value))),
                        PRINT);
        assertThat(lines)
                .contains("counts 2 2 2 1 1")
                .contains("speed 1 " + START + " {\"a\":200}")
                .contains("speed 2 " + (START + 1) + " {\"b\":-56}");
    }

    /** A time range is read through the index of the chunks, which must lead to each message. */
    @Test
    void indexLeadsToEveryMessageOfManyChunks() throws Exception {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            entries.add(RecordedLog.blob("c" + i % 3, "t", START + i, "%01000d".formatted(i)));
        }
        List<String> lines =
                readBack(
                        RecordedLog.download(temp.resolve("log"), List.of(), entries),
                        """
                        import sys
                        from mcap.reader import make_reader
                        with open(sys.argv[1], 'rb') as f:
                            reader = make_reader(f, validate_crcs=True)
                            print(len(reader.get_summary().chunk_indexes))
                            print(sum(1 for _ in reader.iter_messages()))
                            found = [int(m.data) for _, _, m in reader.iter_messages(
                                topics=['c1'], start_time=%d, end_time=%d)]
                            print(found == list(range(1000, 2000, 3)))
                        """
                                .formatted(START + 1000, START + 2000));
        assertThat(lines).containsExactly("3", "3000", "True");
    }

    /** The reader of the project finds a changed byte, so the tests above mean what they say. */
    @Test
    void readerFindsAChangedByte() throws Exception {
        byte[] bddf =
                RecordedLog.download(
                        temp.resolve("log"),
                        List.of(),
                        List.of(RecordedLog.blob("c", "t", START, "payload")));
        readBack(bddf, PRINT);
        Path file = temp.resolve("log.mcap");
        String bytes = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        Files.writeString(
                file,
                bytes.replace("payload", "pAyload"),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        Outcome outcome =
                run(List.of("python3", temp.resolve("program.py").toString(), file.toString()));
        assertThat(outcome.code).isNotZero();
        assertThat(outcome.output).containsIgnoringCase("crc");
    }
}
