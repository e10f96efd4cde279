package dev.forebay.cli;

import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.bddf.SeriesType;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads what a demonstration recorded out of a file of each format, with a reader for each: what
 * one writer got wrong is not read in the same wrong way.
 *
 * <p><b>Limit.</b> It knows the signal, the channel and the plain texts of the demonstration, and
 * holds all of it in memory.
 */
final class LogReadBack {
    static final String SIGNAL = "ecg";
    static final String VARIABLE = "adu";
    static final String BLOBS = "ecg-raw";

    private static final int MAGIC = 8;
    private static final int MCAP_CHANNEL = 0x04;
    private static final int MCAP_MESSAGE = 0x05;
    private static final int MCAP_CHUNK = 0x06;
    private static final int MCAP_DATA_END = 0x0F;

    private LogReadBack() {}

    /** Of a BDDF file, whose checksum is compared. */
    static LogContent bddf(Path file) throws IOException {
        LogContent content = new LogContent();
        Map<String, List<Long>> columns = new HashMap<>();
        try (FileChannel in = FileChannel.open(file)) {
            BddfStream stream = new BddfStream(in);
            for (Block block = stream.next(); block != null; block = stream.next()) {
                Map<String, String> spec = block.series().identifier().spec();
                switch (block.series().type()) {
                    case SeriesType.Numbers numbers when SIGNAL.equals(spec.get("schema")) ->
                            numbers(
                                    numbers,
                                    block.payload(),
                                    columns.computeIfAbsent(
                                            spec.getOrDefault("varname", ""),
                                            _ -> new ArrayList<>()));
                    case SeriesType.Message type -> message(content, type, spec, block);
                    default -> {}
                }
            }
        }
        List<Long> times = columns.getOrDefault("forebay:time", List.of());
        List<Long> sequences = columns.getOrDefault("forebay:sequence", List.of());
        List<Long> values = columns.getOrDefault(VARIABLE, List.of());
        if (times.size() != values.size() || sequences.size() != values.size()) {
            throw new IOException(
                    "%s has %d times, %d sequence numbers and %d values; expected as many of each"
                            .formatted(file, times.size(), sequences.size(), values.size()));
        }
        for (int i = 0; i < values.size(); i++) {
            content.tick(times.get(i), sequences.get(i), values.get(i).intValue());
        }
        return content;
    }

    private static void numbers(SeriesType.Numbers type, ByteBuffer payload, List<Long> column) {
        ByteBuffer numbers = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        while (numbers.hasRemaining()) {
            column.add(
                    type.pod().bytes() == Long.BYTES
                            ? numbers.getLong()
                            : Short.toUnsignedLong(numbers.getShort()));
        }
    }

    private static void message(
            LogContent content, SeriesType.Message type, Map<String, String> spec, Block block) {
        if (BLOBS.equals(spec.get("bosdyn:channel"))) {
            content.blob(block.nanos(), bytes(block.payload()));
            return;
        }
        Map<String, ?> fields =
                KnownMessages.decode(type.typeName(), block.payload()).orElse(Map.of());
        if (type.typeName().equals(KnownMessages.COMMENT)) {
            content.comment(block.nanos(), String.valueOf(fields.get("message")));
        } else if (type.typeName().equals(KnownMessages.EVENT)) {
            content.event(block.nanos(), String.valueOf(fields.get("id")));
        }
    }

    private static byte[] bytes(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return bytes;
    }

    /** The file of a folder of CSV that has the signal. */
    static Path signalFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file -> file.getFileName().toString().startsWith("signal-" + SIGNAL))
                    .findFirst()
                    .orElseThrow(() -> new IOException("there is no signal in " + folder));
        }
    }

    /** Of a folder of CSV. */
    static LogContent csv(Path folder) throws IOException {
        LogContent content = new LogContent();
        for (String[] row : rows(signalFile(folder))) {
            content.tick(Long.parseLong(row[0]), Long.parseLong(row[1]), Integer.parseInt(row[2]));
        }
        for (String[] row : rows(folder.resolve("comments.csv"))) {
            content.comment(Long.parseLong(row[0]), row[2]);
        }
        int id = List.of(header(folder.resolve("events.csv"))).indexOf("id");
        for (String[] row : rows(folder.resolve("events.csv"))) {
            content.event(Long.parseLong(row[0]), row[id]);
        }
        for (String[] row : rows(folder.resolve("blobs.csv"))) {
            if (row[2].equals(BLOBS)) {
                content.blob(Long.parseLong(row[0]), Base64.getDecoder().decode(row[5]));
            }
        }
        return content;
    }

    private static String[] header(Path file) throws IOException {
        return cells(Files.readAllLines(file).getFirst());
    }

    private static List<String[]> rows(Path file) throws IOException {
        return Files.readAllLines(file).stream().skip(1).map(LogReadBack::cells).toList();
    }

    /** The cells of a line; texts of the demonstration hold no comma and no quote. */
    private static String[] cells(String line) {
        return line.split(",", -1);
    }

    /** Of an MCAP file without compression. */
    static LogContent mcap(Path file) throws IOException {
        LogContent content = new LogContent();
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        records(all.position(MAGIC), new HashMap<>(), content);
        return content;
    }

    /** Reads records up to the end of the data. */
    private static void records(ByteBuffer in, Map<Integer, String> topics, LogContent content)
            throws IOException {
        while (in.hasRemaining()) {
            int opcode = in.get();
            int length = Math.toIntExact(in.getLong());
            ByteBuffer record = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            in.position(in.position() + length);
            switch (opcode) {
                case MCAP_CHANNEL -> {
                    int number = Short.toUnsignedInt(record.getShort());
                    record.getShort();
                    topics.put(number, text(record));
                }
                case MCAP_MESSAGE -> message(record, topics, content);
                case MCAP_CHUNK -> {
                    // Behind two times, a length and a CRC.
                    record.position(3 * Long.BYTES + Integer.BYTES);
                    if (!text(record).isEmpty()) {
                        throw new IOException("a chunk is compressed; expected none that is");
                    }
                    record.getLong();
                    records(record.slice().order(ByteOrder.LITTLE_ENDIAN), topics, content);
                }
                case MCAP_DATA_END -> {
                    return;
                }
                default -> {}
            }
        }
    }

    private static String text(ByteBuffer record) {
        byte[] text = new byte[record.getInt()];
        record.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static void message(ByteBuffer record, Map<Integer, String> topics, LogContent content)
            throws IOException {
        String topic = topics.getOrDefault(Short.toUnsignedInt(record.getShort()), "");
        long sequence = Integer.toUnsignedLong(record.getInt());
        long nanos = record.getLong();
        record.getLong();
        byte[] data = bytes(record);
        switch (topic) {
            case SIGNAL ->
                    content.tick(nanos, sequence, ((Number) json(data, VARIABLE)).intValue());
            case KnownMessages.COMMENT -> content.comment(nanos, json(data, "message").toString());
            case KnownMessages.EVENT -> content.event(nanos, json(data, "id").toString());
            case BLOBS -> content.blob(nanos, data);
            default -> {}
        }
    }

    private static Object json(byte[] data, String member) throws IOException {
        Object value = PlainJson.readObject(data).get(member);
        if (value == null) {
            throw new IOException(
                    "a message has no '%s': %s"
                            .formatted(member, new String(data, StandardCharsets.UTF_8)));
        }
        return value;
    }
}
