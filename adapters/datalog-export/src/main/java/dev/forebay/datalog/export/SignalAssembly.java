package dev.forebay.datalog.export;

import dev.forebay.bddf.Block;
import dev.forebay.bddf.Pod;
import dev.forebay.bddf.SeriesDescriptor;
import dev.forebay.bddf.SeriesType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes ticks of the columns of signals. A download writes the blocks of all columns of some ticks
 * one behind the other; the ticks are given once the last of these blocks is there. A series of
 * plain numbers that belongs to no signal is a signal by itself. For use by one thread.
 */
final class SignalAssembly {
    private static final String TIMES = "forebay:time";
    private static final String SEQUENCES = "forebay:sequence";

    /** The most numbers of a sample that become variables of their own. */
    private static final long MOST_NUMBERS = 4096;

    /** Ticks of one signal that are whole. */
    record Complete(Signal signal, TickBlock ticks) {}

    /** A signal that has a struct, and the blocks of its columns that are there. */
    private static final class Group {
        private final Signal signal;
        private final List<Pod> pods;

        /** The blocks that are there, by their columns. */
        private final Map<Integer, ByteBuffer> blocks = new TreeMap<>();

        Group(Signal signal, List<Pod> pods) {
            this.signal = signal;
            this.pods = pods;
        }
    }

    /**
     * What a series belongs to.
     *
     * @param column its place in the group: 0 times, 1 sequence numbers, then the variables
     */
    private record Member(Group group, int column) {}

    private final Map<Long, SeriesDescriptor> byHash = new HashMap<>();
    private final Map<Integer, Member> members = new HashMap<>();
    private final Map<Integer, Signal> alone = new HashMap<>();
    private final List<Group> groups = new ArrayList<>();

    int count() {
        return groups.size() + alone.size();
    }

    /** Notes a series, which may be a column, or the struct that names the columns of a signal. */
    void describe(SeriesDescriptor series) {
        switch (series.type()) {
            case SeriesType.Numbers _ -> byHash.put(series.identifier().hash(), series);
            case SeriesType.Struct struct -> struct(series, struct);
            case SeriesType.Message _ -> {}
        }
    }

    /** Makes a group of the members of a struct, unless they are not what a download has. */
    private void struct(SeriesDescriptor series, SeriesType.Struct struct) {
        SeriesDescriptor times = member(struct, TIMES);
        SeriesDescriptor sequences = member(struct, SEQUENCES);
        if (!isInt64(times) || !isInt64(sequences)) {
            return;
        }
        List<Map.Entry<String, SeriesDescriptor>> columns = new ArrayList<>();
        for (String name : struct.members().keySet()) {
            SeriesDescriptor column = member(struct, name);
            if (column == null) {
                return;
            }
            if (!name.equals(TIMES) && !name.equals(SEQUENCES)) {
                columns.add(Map.entry(name, column));
            }
        }
        columns.sort(Comparator.comparingInt(column -> column.getValue().index()));
        columns.add(0, Map.entry(TIMES, times));
        columns.add(1, Map.entry(SEQUENCES, sequences));
        List<Signal.Variable> variables =
                columns.stream()
                        .skip(2)
                        .map(column -> new Signal.Variable(column.getKey(), pod(column.getValue())))
                        .toList();
        Map<String, String> spec = series.identifier().spec();
        String client = spec.getOrDefault("client", "");
        int blank = client.lastIndexOf(' ');
        Signal signal =
                new Signal(
                        count(),
                        spec.getOrDefault("schema", ""),
                        blank < 0 ? "" : client.substring(0, blank),
                        client.substring(blank + 1),
                        variables);
        List<Pod> pods = columns.stream().map(column -> pod(column.getValue())).toList();
        Group group = new Group(signal, pods);
        groups.add(group);
        for (int i = 0; i < columns.size(); i++) {
            members.put(columns.get(i).getValue().index(), new Member(group, i));
        }
    }

    private @Nullable SeriesDescriptor member(SeriesType.Struct struct, String name) {
        Long hash = struct.members().get(name);
        SeriesDescriptor series = hash == null ? null : byHash.get(hash);
        boolean scalar =
                series != null
                        && series.type() instanceof SeriesType.Numbers numbers
                        && numbers.dimensions().isEmpty();
        return scalar ? series : null;
    }

    private static boolean isInt64(@Nullable SeriesDescriptor column) {
        return column != null && pod(column) == Pod.INT64;
    }

    private static Pod pod(SeriesDescriptor column) {
        return ((SeriesType.Numbers) column.type()).pod();
    }

    /** Takes a block of numbers; the ticks that are whole with it, if there are some. */
    Optional<Complete> add(Block block, SeriesType.Numbers type) {
        Member member = members.get(block.series().index());
        return member == null ? Optional.of(alone(block, type)) : column(block, member);
    }

    private static Optional<Complete> column(Block block, Member member) {
        Group group = member.group;
        ByteBuffer bytes = littleEndian(block.payload());
        if (group.blocks.put(member.column, bytes) != null) {
            throw outOfStep(group, "two blocks of one column", block.offset());
        }
        if (group.blocks.size() < group.pods.size()) {
            return Optional.empty();
        }
        List<TickBlock.Column> columns = new ArrayList<>();
        group.blocks.forEach((i, column) -> {
            Pod pod = group.pods.get(i);
            columns.add(new TickBlock.Column(pod, column, 0, pod.bytes()));
        });
        int count = columns.getFirst().bytes().limit() / Long.BYTES;
        for (TickBlock.Column column : columns) {
            if (column.bytes().limit() != count * column.stride()) {
                throw outOfStep(group, "columns of different lengths", block.offset());
            }
        }
        group.blocks.clear();
        return Optional.of(
                new Complete(
                        group.signal,
                        new TickBlock(
                                count,
                                columns.get(0),
                                columns.get(1),
                                columns.subList(2, columns.size()))));
    }

    private static ExportException outOfStep(Group group, String what, long offset) {
        return new ExportException(
                "signal '%s' has %s at %d of the file; expected one block of each of its columns at a time. Check the file with 'forebay log verify'"
                        .formatted(group.signal.name(), what, offset));
    }

    /** Fails if the last ticks of a signal lack a column. */
    void checkComplete() {
        for (Group group : groups) {
            if (!group.blocks.isEmpty()) {
                throw new ExportException(
                        "the last ticks of signal '%s' have %d of %d columns; the file is not whole"
                                .formatted(
                                        group.signal.name(),
                                        group.blocks.size(),
                                        group.pods.size()));
            }
        }
    }

    /** Samples of a series by itself: the time of all is that of the block. */
    private Complete alone(Block block, SeriesType.Numbers type) {
        ByteBuffer bytes = littleEndian(block.payload());
        long numbers = type.sampleBytes() / type.pod().bytes();
        long sampleBytes = type.sampleBytes();
        if (numbers < 1 || numbers > MOST_NUMBERS || bytes.limit() % sampleBytes != 0) {
            throw new ExportException(
                    "the block at %d has %d bytes of samples of %d numbers, %d bytes each; expected whole samples of at most %d numbers"
                            .formatted(
                                    block.offset(),
                                    bytes.limit(),
                                    numbers,
                                    sampleBytes,
                                    MOST_NUMBERS));
        }
        Signal signal = alone.get(block.series().index());
        if (signal == null) {
            signal =
                    new Signal(
                            count(),
                            LogItems.channel(block.series()),
                            "",
                            "",
                            variables(type, (int) numbers));
            alone.put(block.series().index(), signal);
        }
        int count = (int) (bytes.limit() / sampleBytes);
        ByteBuffer times = longs(count);
        ByteBuffer sequences = longs(count);
        for (int i = 0; i < count; i++) {
            times.putLong(block.nanos());
            sequences.putLong(i);
        }
        List<TickBlock.Column> columns = new ArrayList<>();
        for (int i = 0; i < numbers; i++) {
            columns.add(
                    new TickBlock.Column(
                            type.pod(), bytes, i * type.pod().bytes(), (int) sampleBytes));
        }
        return new Complete(
                signal,
                new TickBlock(
                        count,
                        new TickBlock.Column(Pod.INT64, times, 0, Long.BYTES),
                        new TickBlock.Column(Pod.INT64, sequences, 0, Long.BYTES),
                        columns));
    }

    private static List<Signal.Variable> variables(SeriesType.Numbers type, int numbers) {
        List<Signal.Variable> variables = new ArrayList<>();
        for (int i = 0; i < numbers; i++) {
            String name = type.dimensions().isEmpty() ? "value" : "value[" + i + "]";
            variables.add(new Signal.Variable(name, type.pod()));
        }
        return variables;
    }

    private static ByteBuffer longs(int count) {
        return littleEndian(ByteBuffer.allocate(Math.multiplyExact(count, Long.BYTES)));
    }

    private static ByteBuffer littleEndian(ByteBuffer bytes) {
        return bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
