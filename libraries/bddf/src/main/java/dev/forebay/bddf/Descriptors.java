package dev.forebay.bddf;

import dev.forebay.bddf.BddfException.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages of descriptor and data blocks, each with its encoder beside its decoder.
 *
 * <pre>
 * DescriptorBlock      one of: 1 FileFormatDescriptor, 2 SeriesDescriptor, 3 SeriesBlockIndex,
 *                      4 FileIndex
 * FileFormatDescriptor 1 version {1 major, 2 minor, 3 patch}, 2 annotations, 3 checksum type,
 *                      4 checksum bytes
 * SeriesDescriptor     1 series index, 2 identifier {1 type, 2 spec}, 3 identifier hash,
 *                      one of: 4 message {1 content type, 2 type name, 3 is metadata},
 *                              5 numbers {1 type, 2 dimensions}, 6 struct {1 members},
 *                      7 annotations, 8 additional index names, 9 description
 * SeriesBlockIndex     1 series index, 2 offset of its descriptor, 3 entries {1 time, 2 offset,
 *                      3 additional indexes}, 4 payload bytes
 * FileIndex            1 identifiers, 2 offsets of series block indexes, 3 identifier hashes
 * DataDescriptor       1 series index, 2 time, 3 additional indexes
 * </pre>
 */
sealed interface Descriptors {
    /** A file descriptor, of version 1.0.0. */
    record OfFile(FileDescriptor file) implements Descriptors {}

    /** A series descriptor. */
    record OfSeries(SeriesDescriptor series) implements Descriptors {}

    /** The index of one series. */
    record OfBlocks(long series, long descriptorOffset, EntryList entries, long payloadBytes)
            implements Descriptors {}

    /** The index of a file; three lists of the same length. */
    record OfIndex(List<SeriesIdentifier> identifiers, LongList offsets, LongList hashes)
            implements Descriptors {}

    /** A block whose message has no field that this version knows. */
    record Unknown() implements Descriptors {}

    /** What a data block says of itself. */
    record OfData(int series, long nanos, LongList additionalIndexes) {}

    /**
     * The entries of a series block index, before the width of their additional indexes is known.
     * Those of all entries are in one list, each entry's up to its {@code ends}.
     */
    record EntryList(LongList nanos, LongList offsets, LongList additional, LongList ends) {
        int count() {
            return nanos.size();
        }

        long[] additional(int i) {
            return additional.range(i == 0 ? 0 : (int) ends.get(i - 1), (int) ends.get(i));
        }
    }

    static byte[] encode(FileDescriptor file) {
        ProtoWriter version = new ProtoWriter();
        version.number(1, 1);
        ProtoWriter out = new ProtoWriter();
        out.message(1, version);
        texts(out, 2, file.annotations());
        out.number(3, file.checksum().code());
        out.number(4, Checksum.BYTES);
        return inBlock(1, out);
    }

    static byte[] encode(SeriesDescriptor series) {
        ProtoWriter out = new ProtoWriter();
        out.number(1, series.index());
        out.message(2, identifier(series.identifier()));
        out.number(3, series.identifier().hash());
        ProtoWriter type = new ProtoWriter();
        switch (series.type()) {
            case SeriesType.Message message -> {
                type.text(1, message.contentType());
                type.text(2, message.typeName());
                type.bool(3, message.metadata());
                out.message(4, type);
            }
            case SeriesType.Numbers numbers -> {
                type.number(1, numbers.pod().code());
                type.packed(
                        2,
                        numbers.dimensions().stream().mapToLong(Integer::toUnsignedLong).toArray());
                out.message(5, type);
            }
            case SeriesType.Struct struct -> {
                for (Map.Entry<String, Long> member : struct.members().entrySet()) {
                    ProtoWriter entry = new ProtoWriter();
                    entry.text(1, member.getKey());
                    entry.number(2, member.getValue());
                    type.message(1, entry);
                }
                out.message(6, type);
            }
        }
        texts(out, 7, series.annotations());
        for (String name : series.additionalIndexNames()) {
            out.bytes(8, name.getBytes(StandardCharsets.UTF_8));
        }
        out.text(9, series.description());
        return inBlock(2, out);
    }

    static byte[] encode(int series, long descriptorOffset, SeriesBlocks blocks) {
        ProtoWriter out = new ProtoWriter();
        out.number(1, series);
        out.number(2, descriptorOffset);
        ProtoWriter entry = new ProtoWriter();
        for (int i = 0; i < blocks.count(); i++) {
            entry.clear();
            entry.timestamp(1, blocks.nanos(i));
            entry.number(2, blocks.offset(i));
            entry.packed(3, blocks.additionalIndexes(i));
            out.message(3, entry);
        }
        out.number(4, blocks.payloadBytes());
        return inBlock(3, out);
    }

    /** A file index; the reference reads even that of no series only if it is written out. */
    static byte[] encode(List<SeriesIdentifier> series, long[] indexOffsets) {
        ProtoWriter out = new ProtoWriter();
        long[] hashes = new long[series.size()];
        for (int i = 0; i < hashes.length; i++) {
            out.message(1, identifier(series.get(i)));
            hashes[i] = series.get(i).hash();
        }
        out.packed(2, indexOffsets);
        out.packed(3, hashes);
        return inBlock(4, out);
    }

    /** Writes a data descriptor behind what {@code out} holds. */
    static void encode(ProtoWriter out, int series, long nanos, long... additionalIndexes) {
        out.number(1, series);
        out.timestamp(2, nanos);
        out.packed(3, additionalIndexes);
    }

    static Descriptors decode(byte[] message) {
        Descriptors found = new Unknown();
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> found = new OfFile(file(in.message()));
                case 2 -> found = new OfSeries(series(in.message()));
                case 3 -> found = blocks(in.message());
                case 4 -> found = index(in.message());
                default -> in.skip();
            }
        }
        return found;
    }

    static OfData decodeData(byte[] bytes, int from, int end) {
        ProtoReader in = new ProtoReader(bytes, from, end);
        long series = 0;
        long nanos = 0;
        LongList additional = new LongList();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> series = in.number();
                case 2 -> nanos = in.timestamp();
                case 3 -> in.numbers(additional);
                default -> in.skip();
            }
        }
        return new OfData(index(series), nanos, additional);
    }

    private static int index(long number) {
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new BddfException(
                    Fault.DAMAGED, "series index %s".formatted(Long.toUnsignedString(number)));
        }
        return (int) number;
    }

    private static FileDescriptor file(ProtoReader in) {
        List<Long> version = List.of(0L, 0L, 0L);
        Map<String, String> annotations = new HashMap<>();
        long checksum = 0;
        long bytes = 0;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> version = version(in.message());
                case 2 -> addText(in.message(), annotations);
                case 3 -> checksum = in.number();
                case 4 -> bytes = in.number();
                default -> in.skip();
            }
        }
        if (!version.equals(List.of(1L, 0L, 0L))) {
            throw new BddfException(
                    Fault.UNSUPPORTED,
                    "version %d.%d.%d; expected 1.0.0"
                            .formatted(version.get(0), version.get(1), version.get(2)));
        }
        Checksum kind = null;
        for (Checksum known : Checksum.values()) {
            kind = known.code() == checksum ? known : kind;
        }
        if (kind == null || bytes != Checksum.BYTES) {
            throw new BddfException(
                    Fault.UNSUPPORTED,
                    "checksum type %d of %d bytes; expected type 1 or 2 of 20"
                            .formatted(checksum, bytes));
        }
        return new FileDescriptor(annotations, kind);
    }

    private static List<Long> version(ProtoReader in) {
        long[] parts = new long[3];
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field <= 3) {
                parts[field - 1] = in.number();
            } else {
                in.skip();
            }
        }
        return List.of(parts[0], parts[1], parts[2]);
    }

    private static SeriesDescriptor series(ProtoReader in) {
        int index = 0;
        SeriesIdentifier identifier = new SeriesIdentifier("", Map.of());
        SeriesType type = null;
        Map<String, String> annotations = new HashMap<>();
        List<String> names = new ArrayList<>();
        String description = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> index = index(in.number());
                case 2 -> identifier = identifier(in.message());
                case 4 -> type = message(in.message());
                case 5 -> type = numbers(in.message());
                case 6 -> type = struct(in.message());
                case 7 -> addText(in.message(), annotations);
                case 8 -> names.add(in.text());
                case 9 -> description = in.text();
                default -> in.skip();
            }
        }
        if (type == null) {
            throw new BddfException(
                    Fault.UNSUPPORTED,
                    "series %d has no type; expected message, numbers or struct".formatted(index));
        }
        return new SeriesDescriptor(index, identifier, type, annotations, names, description);
    }

    private static SeriesType message(ProtoReader in) {
        String contentType = "";
        String typeName = "";
        boolean metadata = false;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> contentType = in.text();
                case 2 -> typeName = in.text();
                case 3 -> metadata = in.number() != 0;
                default -> in.skip();
            }
        }
        return new SeriesType.Message(contentType, typeName, metadata);
    }

    private static SeriesType numbers(ProtoReader in) {
        long pod = 0;
        LongList dimensions = new LongList();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> pod = in.number();
                case 2 -> in.numbers(dimensions);
                default -> in.skip();
            }
        }
        List<Integer> sizes = new ArrayList<>();
        for (long dimension : dimensions.toArray()) {
            sizes.add((int) dimension);
        }
        return new SeriesType.Numbers(Pod.of(pod), sizes);
    }

    private static SeriesType struct(ProtoReader in) {
        Map<String, Long> members = new HashMap<>();
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field != 1) {
                in.skip();
                continue;
            }
            ProtoReader entry = in.message();
            String key = "";
            long hash = 0;
            for (int part = entry.next(); part != 0; part = entry.next()) {
                switch (part) {
                    case 1 -> key = entry.text();
                    case 2 -> hash = entry.number();
                    default -> entry.skip();
                }
            }
            members.put(key, hash);
        }
        return new SeriesType.Struct(members);
    }

    private static Descriptors blocks(ProtoReader in) {
        long series = 0;
        long descriptorOffset = 0;
        long bytes = 0;
        EntryList entries =
                new EntryList(new LongList(), new LongList(), new LongList(), new LongList());
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> series = in.number();
                case 2 -> descriptorOffset = in.number();
                case 3 -> addEntry(in.message(), entries);
                case 4 -> bytes = in.number();
                default -> in.skip();
            }
        }
        return new OfBlocks(series, descriptorOffset, entries, bytes);
    }

    private static void addEntry(ProtoReader in, EntryList entries) {
        long nanos = 0;
        long offset = 0;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> nanos = in.timestamp();
                case 2 -> offset = in.number();
                case 3 -> in.numbers(entries.additional);
                default -> in.skip();
            }
        }
        entries.nanos.add(nanos);
        entries.offsets.add(offset);
        entries.ends.add(entries.additional.size());
    }

    private static Descriptors index(ProtoReader in) {
        List<SeriesIdentifier> identifiers = new ArrayList<>();
        LongList offsets = new LongList();
        LongList hashes = new LongList();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> identifiers.add(identifier(in.message()));
                case 2 -> in.numbers(offsets);
                case 3 -> in.numbers(hashes);
                default -> in.skip();
            }
        }
        if (offsets.size() != identifiers.size() || hashes.size() != identifiers.size()) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "the file index names %d series, %d indexes and %d hashes; expected as many of each"
                            .formatted(identifiers.size(), offsets.size(), hashes.size()));
        }
        return new OfIndex(identifiers, offsets, hashes);
    }

    private static ProtoWriter identifier(SeriesIdentifier identifier) {
        ProtoWriter out = new ProtoWriter();
        out.text(1, identifier.seriesType());
        texts(out, 2, identifier.spec());
        return out;
    }

    private static SeriesIdentifier identifier(ProtoReader in) {
        String type = "";
        Map<String, String> spec = new HashMap<>();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> type = in.text();
                case 2 -> addText(in.message(), spec);
                default -> in.skip();
            }
        }
        return new SeriesIdentifier(type, spec);
    }

    private static void texts(ProtoWriter out, int field, Map<String, String> pairs) {
        for (Map.Entry<String, String> pair : new TreeMap<>(pairs).entrySet()) {
            ProtoWriter entry = new ProtoWriter();
            entry.text(1, pair.getKey());
            entry.text(2, pair.getValue());
            out.message(field, entry);
        }
    }

    private static void addText(ProtoReader in, Map<String, String> pairs) {
        String key = "";
        String value = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> key = in.text();
                case 2 -> value = in.text();
                default -> in.skip();
            }
        }
        pairs.put(key, value);
    }

    private static byte[] inBlock(int field, ProtoWriter message) {
        ProtoWriter block = new ProtoWriter();
        block.message(field, message);
        return block.toBytes();
    }

    /** The descriptor that must be of type {@code expected}. */
    static <T extends Descriptors> T expect(Class<T> expected, byte[] message, long offset) {
        Descriptors found = decode(message);
        @Nullable T cast = expected.isInstance(found) ? expected.cast(found) : null;
        if (cast == null) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "block at %d is a descriptor of another kind than the file says"
                            .formatted(offset));
        }
        return cast;
    }
}
