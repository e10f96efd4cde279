package dev.forebay.datalog.export;

import static dev.forebay.datalog.export.RecordedLog.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.bddf.Pod;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bytes of MCAP files, record by record: lengths, CRCs, and where the indexes lead. {@link
 * McapReferenceTest} has the library of the project read such files.
 */
class McapBytesTest {
    private static final int MAGIC = 8;

    @TempDir Path temp;

    /** A record; {@code content} is a view of the file. */
    private record Found(int opcode, int start, ByteBuffer content) {
        /** Where the next record begins. */
        int end() {
            return start + 9 + content.limit();
        }
    }

    private static ByteBuffer little(ByteBuffer bytes) {
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Found record(ByteBuffer bytes, int at) {
        int length = (int) bytes.getLong(at + 1);
        return new Found(bytes.get(at), at, little(bytes.slice(at + 9, length)));
    }

    private static List<Found> records(ByteBuffer bytes, int from, int until) {
        List<Found> all = new ArrayList<>();
        for (int at = from; at < until; at = all.getLast().end()) {
            all.add(record(bytes, at));
        }
        assertThat(all.getLast().end()).isEqualTo(until);
        return all;
    }

    private static List<Found> of(List<Found> records, int opcode) {
        return records.stream().filter(record -> record.opcode == opcode).toList();
    }

    private static int crc(ByteBuffer bytes, int from, int until) {
        CRC32 crc = new CRC32();
        crc.update(bytes.slice(from, until - from));
        return (int) crc.getValue();
    }

    private ByteBuffer mcap(List<SignalSchema> schemas, List<Entry> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bddf = RecordedLog.download(temp.resolve("log"), schemas, entries);
        LogExport.mcap(RecordedLog.channel(bddf), Channels.newChannel(out));
        return little(ByteBuffer.wrap(out.toByteArray()));
    }

    private static List<Found> records(ByteBuffer file) {
        return records(file, MAGIC, file.limit() - MAGIC);
    }

    /** The records of a chunk. */
    private static ByteBuffer inside(Found chunk) {
        ByteBuffer content = chunk.content;
        assertThat(content.getInt(28)).as("length of the compression's name").isZero();
        int length = (int) content.getLong(32);
        assertThat(content.getLong(16)).as("bytes").isEqualTo(length);
        return little(content.slice(40, length));
    }

    private ByteBuffer threeChunks() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            entries.add(RecordedLog.blob("c" + i % 3, "t", START + i, "%01000d".formatted(i)));
        }
        return mcap(List.of(), entries);
    }

    @Test
    void everyCrcIsThatOfItsBytes() throws IOException {
        ByteBuffer file = threeChunks();
        List<Found> records = records(file);
        List<Found> chunks = of(records, 0x06);
        assertThat(chunks).hasSize(3);
        for (Found chunk : chunks) {
            ByteBuffer inside = inside(chunk);
            assertThat(chunk.content.getInt(24)).isEqualTo(crc(inside, 0, inside.limit()));
        }
        Found dataEnd = of(records, 0x0F).getFirst();
        assertThat(dataEnd.content.getInt(0)).isEqualTo(crc(file, 0, dataEnd.start));
        Found footer = records.getLast();
        int summary = (int) footer.content.getLong(0);
        assertThat(summary).isEqualTo(dataEnd.end());
        assertThat(footer.content.getInt(16)).isEqualTo(crc(file, summary, footer.end() - 4));
    }

    @Test
    void indexesLeadToEveryMessage() throws IOException {
        ByteBuffer file = threeChunks();
        int messages = 0;
        for (Found index : of(records(file), 0x08)) {
            Found chunk = record(file, (int) index.content.getLong(16));
            assertThat(chunk.opcode).isEqualTo(0x06);
            assertThat(index.content.getLong(24)).isEqualTo(chunk.end() - chunk.start);
            ByteBuffer inside = inside(chunk);
            int map = index.content.getInt(32);
            for (int at = 36; at < 36 + map; at += 10) {
                Found list = record(file, (int) index.content.getLong(at + 2));
                assertThat(list.opcode).isEqualTo(0x07);
                for (int each = 6; each < list.content.limit(); each += 16) {
                    Found message = record(inside, (int) list.content.getLong(each + 8));
                    assertThat(message.opcode).isEqualTo(0x05);
                    assertThat(message.content.getShort(0)).isEqualTo(list.content.getShort(0));
                    assertThat(message.content.getLong(6)).isEqualTo(list.content.getLong(each));
                    messages++;
                }
            }
        }
        assertThat(messages).isEqualTo(3000);
    }

    @Test
    void ticksOfAChangedSchemaAreOfAnotherChannel() throws IOException {
        SignalSchema before =
                new SignalSchema(
                        "speed", List.of(new SignalSchema.Variable("a", Pod.UINT8, false)));
        SignalSchema after =
                new SignalSchema("speed", List.of(new SignalSchema.Variable("b", Pod.INT8, false)));
        ByteBuffer value = ByteBuffer.wrap(new byte[] {(byte) 200});
        ByteBuffer file =
                mcap(
                        List.of(before, after),
                        List.of(
                                RecordedLog.tick(START, 1, "", 0, value),
                                RecordedLog.tick(START + 1, 2, "", 1, value)));
        ByteBuffer inside = inside(of(records(file), 0x06).getFirst());
        List<String> messages =
                of(records(inside, 0, inside.limit()), 0x05).stream()
                        .map(message ->
                                message.content.getShort(0)
                                        + StandardCharsets.UTF_8
                                                .decode(
                                                        message.content.slice(
                                                                22, message.content.limit() - 22))
                                                .toString())
                        .toList();
        assertThat(messages).containsExactly("1{\"a\":200}", "2{\"b\":-56}");
    }
}
