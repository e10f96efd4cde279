package dev.forebay.datalog.export;

import static dev.forebay.datalog.export.RecordedLog.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.bddf.BddfException;
import dev.forebay.bddf.BddfWriter;
import dev.forebay.bddf.Checksum;
import dev.forebay.bddf.FileDescriptor;
import dev.forebay.bddf.Pod;
import dev.forebay.bddf.SeriesIdentifier;
import dev.forebay.bddf.SeriesType;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CSV and JSON lines. */
class TextExportTest {
    @TempDir Path temp;

    private Path csv(byte[] file) throws IOException {
        Path folder = temp.resolve("csv");
        LogExport.csv(RecordedLog.channel(file), folder);
        return folder;
    }

    private static List<String> jsonLines(byte[] file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogExport.jsonLines(RecordedLog.channel(file), Channels.newChannel(out));
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private byte[] oneOfEach() throws IOException {
        return RecordedLog.download(
                temp.resolve("log"), List.of(RecordedLog.EVERY), RecordedLog.oneOfEach());
    }

    @Test
    void csvHasEveryDigitOfEveryNumber() throws IOException {
        Path folder = csv(oneOfEach());
        assertThat(folder.resolve("signal-every_type-legs.csv"))
                .hasContent(
                        "time_ns,sequence,i8,i16,i32,i64,u8,u16,u32,u64,f32,f64\r\n"
                                + (START + 5)
                                + ",10,-128,-32768,-2147483648,-9223372036854775808,255,65535,4294967295,18446744073709551615,0.1,1.0E-300\r\n"
                                + (START + 6)
                                + ",11,-128,-32768,-2147483648,-9223372036854775808,255,65535,4294967295,18446744073709551615,NaN,-Infinity\r\n");
    }

    @Test
    void csvQuotesWhatWouldBreakALine() throws IOException {
        Path folder = csv(oneOfEach());
        assertThat(Files.readString(folder.resolve("text.csv")))
                .isEqualTo(
                        "time_ns,time,source,level,tag,message,filename,line_number\r\n"
                                + START
                                + ",2026-09-21T14:13:20.123456789Z,\"a, \"\"source\"\"\",LEVEL_WARN,,"
                                + "\"comma, \"\"quote\"\" and\r\nline, ü 😀 \u0001\",,42\r\n");
        assertThat(Files.readString(folder.resolve("blobs.csv")))
                .contains(",camera,image/jpeg,4,anBlZw==\r\n")
                .contains(",state,test.State,5,c3RhdGU=\r\n");
        assertThat(Files.readString(folder.resolve("comments.csv"))).endsWith(",here\r\n");
        assertThat(Files.readString(folder.resolve("events.csv")))
                .contains("LEVEL_SYSTEM_CRITICAL")
                .contains("\"\"int_value\"\":\"\"-7\"\"");
    }

    @Test
    void textThatBeginsAFormulaIsGuarded() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String text : List.of("=1+1", "+1", "-1", "@a", "'a", "\ta", "a=1", "")) {
            entries.add(RecordedLog.comment(text, START + entries.size()));
        }
        entries.add(RecordedLog.blob("=channel", "@type", START, "\u00fb"));
        Path folder = csv(RecordedLog.download(temp.resolve("log"), List.of(), entries));
        assertThat(
                        Files.readString(folder.resolve("comments.csv"))
                                .lines()
                                .skip(1)
                                .map(line -> line.substring(line.lastIndexOf(',') + 1)))
                .containsExactly("'=1+1", "'+1", "'-1", "'@a", "''a", "'\ta", "a=1", "");
        assertThat(Files.readString(folder.resolve("blobs.csv"))).contains(",'=channel,'@type,2,");
    }

    @Test
    void csvRefusesAFolderThatHasSuchFiles() throws IOException {
        byte[] file = oneOfEach();
        csv(file);
        assertThatThrownBy(() -> csv(file)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void moreSignalsThanOpenFilesAllGetTheirTicks() throws IOException {
        List<SignalSchema> schemas = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            // All have the same name as files, so that each needs a number of its own.
            schemas.add(
                    new SignalSchema(
                            "s" + (char) (0x100 + i),
                            List.of(new SignalSchema.Variable("v", Pod.INT32, false))));
        }
        // Two calls make two blocks of each signal, so each file is left and comes back.
        List<List<Entry>> calls = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                ByteBuffer value =
                        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(i).flip();
                entries.add(RecordedLog.tick(START + round, round, "", i, value));
            }
            calls.add(entries);
        }
        Path folder = csv(RecordedLog.downloadOfCalls(temp.resolve("log"), schemas, calls));
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(300);
            for (Path each : all) {
                assertThat(Files.readAllLines(each)).hasSize(3);
            }
        }
    }

    @Test
    void jsonLinesNameWhatJsonHasNoNumberFor() throws IOException {
        List<String> lines = jsonLines(oneOfEach());
        assertThat(lines).hasSize(7);
        assertThat(lines.stream().filter(line -> line.contains("\"kind\":\"signal\"")).toList())
                .first()
                .asString()
                .contains("\"sequence\":10,\"values\":{\"i8\":-128,")
                .contains("\"u64\":18446744073709551615,\"f32\":0.1,\"f64\":1.0E-300}");
        assertThat(lines.stream().filter(line -> line.contains("\"sequence\":11")).toList())
                .singleElement()
                .asString()
                .contains("\"f32\":\"NaN\",\"f64\":\"-Infinity\"");
        assertThat(lines.stream().filter(line -> line.contains("\"kind\":\"text\"")).toList())
                .singleElement()
                .asString()
                .contains(
                        "comma, \\\"quote\\\" and\\u000d\\u000aline, \\u00fc \\ud83d\\ude00 \\u0001");
        assertThat(lines.stream().filter(line -> line.contains("\"kind\":\"event\"")).toList())
                .singleElement()
                .asString()
                .contains("{\"label\":\"speed\",\"float_value\":\"NaN\"}");
    }

    @Test
    void emptyLogHasNoLines() throws IOException {
        byte[] file = RecordedLog.download(temp.resolve("log"), List.of(), List.of());
        assertThat(jsonLines(file)).isEmpty();
        assertThat(csv(file)).isEmptyDirectory();
    }

    @Test
    void messageThatIsNotOfItsTypeKeepsItsBytes() throws IOException {
        byte[] file =
                RecordedLog.download(
                        temp.resolve("log"),
                        List.of(),
                        List.of(RecordedLog.blob("c", KnownMessages.EVENT, START, "no event")));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ExportReport report =
                LogExport.jsonLines(RecordedLog.channel(file), Channels.newChannel(out));
        assertThat(report).isEqualTo(new ExportReport(1, 0, 0, 1, 0));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"data_base64\":\"bm8gZXZlbnQ=\"");
    }

    @Test
    void entriesWithoutPayloadAreCounted() throws IOException {
        byte[] file =
                RecordedLog.download(
                        temp.resolve("log"),
                        List.of(),
                        List.of(
                                RecordedLog.blob("c", "t", START, ""),
                                RecordedLog.blob("c", "t", START, "x")));
        ExportReport report =
                LogExport.jsonLines(
                        RecordedLog.channel(file),
                        Channels.newChannel(new ByteArrayOutputStream()));
        assertThat(report).isEqualTo(new ExportReport(1, 0, 0, 0, 1));
    }

    /** A file of another writer: numbers without a signal, and vectors. */
    @Test
    void numbersWithoutASignalAreSignalsByThemselves() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BddfWriter writer =
                new BddfWriter(
                        Channels.newChannel(out), new FileDescriptor(Map.of(), Checksum.SHA1))) {
            int vectors =
                    writer.addSeries(
                            new SeriesIdentifier("bosdyn:channel", Map.of("bosdyn:channel", "v")),
                            new SeriesType.Numbers(Pod.INT16, List.of(2)));
            ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            for (short i = 1; i <= 4; i++) {
                numbers.putShort(i);
            }
            writer.write(vectors, 77, numbers.flip());
        }
        assertThat(csv(out.toByteArray()).resolve("signal-v.csv"))
                .hasContent("time_ns,sequence,value[0],value[1]\r\n77,0,1,2\r\n77,1,3,4\r\n");
    }

    @Test
    void damagedFileIsRefused() throws IOException {
        byte[] file = oneOfEach();
        file[file.length - 10] ^= 1; // In the checksum.
        assertThatThrownBy(() -> jsonLines(file)).isInstanceOf(BddfException.class);
        assertThatThrownBy(() -> jsonLines(java.util.Arrays.copyOf(file, file.length / 2)))
                .isInstanceOf(BddfException.class);
    }
}
