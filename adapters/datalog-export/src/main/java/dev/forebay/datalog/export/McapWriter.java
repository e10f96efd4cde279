package dev.forebay.datalog.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Writes an MCAP file, version 0: messages in chunks with a CRC each, an index of every chunk, and
 * a summary. Nothing is compressed.
 *
 * <p><b>Guarantee.</b> {@link #finish} writes the end; without it the file has none, and readers
 * see that it was cut. All CRCs that the format has are there.
 *
 * <p><b>Limit.</b> 65 535 channels and as many schemas. Memory: one chunk, and the index.
 *
 * <p>For use by one thread. Blocks for the target, which stays open.
 *
 * <p>All numbers are little-endian. A text is its length in 4 bytes and UTF-8; a map is its length
 * in bytes, in 4 bytes, and its pairs. A record is an opcode of 1 byte, the length of the rest in 8
 * bytes, and the rest. A file:
 *
 * <pre>
 * 89 'M' 'C' 'A' 'P' '0' 0D 0A
 * 01 header          profile, library
 *    for each chunk
 * 06 chunk           first time (8), last time (8), bytes (8), CRC-32 of the records (4),
 *                    compression, length of the records (8), the records: 03, 04 and 05
 * 07 message index   channel (2), length (4), time (8) and offset in the records (8) of each
 *                    message; one such record for each channel of the chunk
 *    once
 * 0F data end        CRC-32 of all bytes before it (4)
 * 03 schema          number (2), name, encoding, length (4), the schema      } the summary
 * 04 channel         number (2), schema (2), topic, encoding, metadata       }
 * 0B statistics      counts                                                  }
 * 08 chunk index     times (8, 8), offset (8), length (8), offsets of the    }
 *                    message indexes by channel, their length (8),           }
 *                    compression, bytes compressed (8) and not (8)           }
 * 0E summary offset  opcode (1), start (8), length (8) of each group         }
 * 02 footer          start of the summary (8), of the summary offsets (8), CRC-32 of the summary
 *                    and of the footer up to here (4)
 * 89 'M' 'C' 'A' 'P' '0' 0D 0A
 * </pre>
 *
 * <p>05 message: channel (2), sequence (4), time of logging (8), time of publishing (8), the data.
 */
final class McapWriter {
    private static final byte[] MAGIC = {(byte) 0x89, 'M', 'C', 'A', 'P', '0', '\r', '\n'};
    private static final int HEADER = 0x01;
    private static final int FOOTER = 0x02;
    private static final int SCHEMA = 0x03;
    private static final int CHANNEL = 0x04;
    private static final int MESSAGE = 0x05;
    private static final int CHUNK = 0x06;
    private static final int MESSAGE_INDEX = 0x07;
    private static final int CHUNK_INDEX = 0x08;
    private static final int STATISTICS = 0x0B;
    private static final int SUMMARY_OFFSET = 0x0E;
    private static final int DATA_END = 0x0F;

    private static final String UNCOMPRESSED = "";
    private static final int MOST = 0xFFFF;

    /** Records of this many bytes are a chunk. */
    private static final int CHUNK_BYTES = 1 << 20;

    private final Buffered target;
    private final CRC32 data = new CRC32();
    private final List<byte[]> schemas = new ArrayList<>();
    private final List<byte[]> channels = new ArrayList<>();
    private final List<byte[]> chunks = new ArrayList<>();
    private final TreeMap<Integer, Long> counts = new TreeMap<>();
    private long messages;
    private long firstTime = Long.MAX_VALUE;
    private long lastTime;

    private final Bytes records = new Bytes();
    private final TreeMap<Integer, Bytes> indexes = new TreeMap<>();
    private long chunkFirst = Long.MAX_VALUE;
    private long chunkLast;

    /** Bytes of a record. */
    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes one(int value) {
            out.write(value);
            return this;
        }

        Bytes two(int value) {
            return one(value & 0xFF).one(value >> 8 & 0xFF);
        }

        Bytes four(int value) {
            return raw(little(Integer.BYTES).putInt(value).array());
        }

        Bytes eight(long value) {
            return raw(little(Long.BYTES).putLong(value).array());
        }

        Bytes text(String value) {
            return sized(value.getBytes(StandardCharsets.UTF_8));
        }

        /** Bytes behind their length. */
        Bytes sized(byte[] bytes) {
            return four(bytes.length).raw(bytes);
        }

        Bytes raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        /** A whole record. */
        Bytes record(int opcode, byte[] content) {
            return one(opcode).eight(content.length).raw(content);
        }

        int size() {
            return out.size();
        }

        byte[] array() {
            return out.toByteArray();
        }

        void reset() {
            out.reset();
        }

        private static ByteBuffer little(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    McapWriter(WritableByteChannel target) throws IOException {
        this.target = new Buffered(target);
        write(MAGIC);
        write(record(HEADER, new Bytes().text("").text("forebay")));
    }

    private static byte[] record(int opcode, Bytes content) {
        return new Bytes().record(opcode, content.array()).array();
    }

    /** Writes a part of the data section, which has a CRC as a whole. */
    private void write(byte[] bytes) throws IOException {
        data.update(bytes);
        target.write(bytes);
    }

    /**
     * Adds a schema.
     *
     * @param encoding such as {@code jsonschema}; empty if there is no more than the name
     * @return its number, from 1
     */
    int schema(String name, String encoding, String schema) {
        int number = numberOf(schemas, "schemas");
        Bytes content =
                new Bytes()
                        .two(number)
                        .text(name)
                        .text(encoding)
                        .sized(schema.getBytes(StandardCharsets.UTF_8));
        schemas.add(record(SCHEMA, content));
        records.raw(schemas.getLast());
        return number;
    }

    /** Adds a channel with a schema; its number, from 1. */
    int channel(int schema, String topic, String encoding, Map<String, String> metadata) {
        int number = numberOf(channels, "channels");
        Bytes pairs = new Bytes();
        metadata.forEach((name, value) -> pairs.text(name).text(value));
        Bytes content =
                new Bytes().two(number).two(schema).text(topic).text(encoding).sized(pairs.array());
        channels.add(record(CHANNEL, content));
        records.raw(channels.getLast());
        return number;
    }

    private static int numberOf(List<byte[]> records, String what) {
        if (records.size() == MOST) {
            throw new ExportException(
                    "an MCAP file has %d %s at most; export a shorter time, or to CSV or JSON lines"
                            .formatted(MOST, what));
        }
        return records.size() + 1;
    }

    /**
     * Adds a message.
     *
     * @param nanos since 1970, 0 or more
     */
    void message(int channel, int sequence, long nanos, ByteBuffer message) throws IOException {
        indexes.computeIfAbsent(channel, _ -> new Bytes()).eight(nanos).eight(records.size());
        byte[] payload = new byte[message.remaining()];
        message.duplicate().get(payload);
        Bytes content =
                new Bytes().two(channel).four(sequence).eight(nanos).eight(nanos).raw(payload);
        records.record(MESSAGE, content.array());
        messages++;
        counts.merge(channel, 1L, Long::sum);
        chunkFirst = Math.min(chunkFirst, nanos);
        chunkLast = Math.max(chunkLast, nanos);
        if (records.size() >= CHUNK_BYTES) {
            endChunk();
        }
    }

    private void endChunk() throws IOException {
        if (records.size() == 0) {
            return;
        }
        byte[] inside = records.array();
        long first = indexes.isEmpty() ? 0 : chunkFirst;
        CRC32 crc = new CRC32();
        crc.update(inside);
        Bytes head =
                new Bytes()
                        .eight(first)
                        .eight(chunkLast)
                        .eight(inside.length)
                        .four((int) crc.getValue())
                        .text(UNCOMPRESSED)
                        .eight(inside.length);
        long start = target.position();
        write(new Bytes().one(CHUNK).eight(head.size() + (long) inside.length).array());
        write(head.array());
        write(inside);
        long length = target.position() - start;
        Bytes offsets = new Bytes();
        for (Map.Entry<Integer, Bytes> index : indexes.entrySet()) {
            offsets.two(index.getKey()).eight(target.position());
            Bytes content = new Bytes().two(index.getKey()).sized(index.getValue().array());
            write(record(MESSAGE_INDEX, content));
        }
        Bytes content =
                new Bytes()
                        .eight(first)
                        .eight(chunkLast)
                        .eight(start)
                        .eight(length)
                        .sized(offsets.array())
                        .eight(target.position() - start - length)
                        .text(UNCOMPRESSED)
                        .eight(inside.length)
                        .eight(inside.length);
        chunks.add(record(CHUNK_INDEX, content));
        firstTime = Math.min(firstTime, first);
        lastTime = Math.max(lastTime, chunkLast);
        records.reset();
        indexes.clear();
        chunkFirst = Long.MAX_VALUE;
        chunkLast = 0;
    }

    /** Writes the last chunk, the summary and the end. */
    void finish() throws IOException {
        endChunk();
        target.write(record(DATA_END, new Bytes().four((int) data.getValue())));
        CRC32 summary = new CRC32();
        long start = target.position();
        Bytes groups = new Bytes();
        group(SCHEMA, schemas, summary, groups);
        group(CHANNEL, channels, summary, groups);
        group(STATISTICS, List.of(record(STATISTICS, statistics())), summary, groups);
        group(CHUNK_INDEX, chunks, summary, groups);
        long offsets = target.position();
        summary(groups.array(), summary);
        Bytes footer = new Bytes().one(FOOTER).eight(8 + 8 + 4).eight(start).eight(offsets);
        summary(footer.array(), summary);
        target.write(new Bytes().four((int) summary.getValue()).array());
        target.write(MAGIC);
        target.flush();
    }

    private Bytes statistics() {
        Bytes byChannel = new Bytes();
        counts.forEach((channel, count) -> byChannel.two(channel).eight(count));
        return new Bytes()
                .eight(messages)
                .two(schemas.size())
                .four(channels.size())
                .four(0) // attachments
                .four(0) // records of metadata
                .four(chunks.size())
                .eight(messages == 0 ? 0 : firstTime)
                .eight(lastTime)
                .sized(byChannel.array());
    }

    private void group(int opcode, List<byte[]> records, CRC32 crc, Bytes groups)
            throws IOException {
        if (records.isEmpty()) {
            return;
        }
        long start = target.position();
        for (byte[] record : records) {
            summary(record, crc);
        }
        Bytes content = new Bytes().one(opcode).eight(start).eight(target.position() - start);
        groups.record(SUMMARY_OFFSET, content.array());
    }

    private void summary(byte[] bytes, CRC32 crc) throws IOException {
        crc.update(bytes);
        target.write(bytes);
    }
}
