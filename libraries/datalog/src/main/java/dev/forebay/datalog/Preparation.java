package dev.forebay.datalog;

import dev.forebay.datalog.Fields.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Turns entries into blocks: checks them, gives those without a time the time at which they came,
 * and puts the ticks of one schema and source into one block. The fields that are read are those of
 * {@code bosdyn.api.TextMessage} (2 time, 3 source), {@code OperatorComment} (2 time) and {@code
 * Event} (5 start, 6 end, 9 whether to preserve).
 */
final class Preparation {
    private static final long PRESERVE = 2;
    private static final int LONGEST_NAME = 4096;

    /**
     * A block to be written.
     *
     * @param indexes the places of its entries in the list that was given
     * @param nanos when it begins
     * @param end when it ends
     * @param annotations of its series
     */
    record Block(
            List<Integer> indexes,
            SeriesKey key,
            long nanos,
            long end,
            boolean preserve,
            ByteBuffer payload,
            Map<String, String> annotations) {}

    /** An entry is refused. */
    private static final class RefusedException extends Exception {
        private final Refusal.Reason reason;

        RefusedException(Refusal.Reason reason, String message) {
            super(message);
            this.reason = reason;
        }
    }

    /** The ticks of one schema and source. */
    private static final class Ticks {
        private final SignalSchema schema;
        private final List<Integer> indexes = new ArrayList<>();
        private final List<Entry.Tick> ticks = new ArrayList<>();

        Ticks(SignalSchema schema) {
            this.schema = schema;
        }
    }

    private record Signal(long schemaId, String source) {}

    private final LongFunction<@Nullable SignalSchema> schemas;
    private final long now;
    private final ArrayList<Block> blocks = new ArrayList<>(0);
    private final Map<Signal, Ticks> signals = new LinkedHashMap<>();
    private final List<Refusal> refusals = new ArrayList<>();

    /**
     * @param schemas the registered schema of a number, or null
     * @param now nanoseconds since 1970 UTC
     */
    Preparation(LongFunction<@Nullable SignalSchema> schemas, long now) {
        this.schemas = schemas;
        this.now = now;
    }

    List<Refusal> refusals() {
        return refusals;
    }

    /** The blocks of {@code entries}, signals behind all others. */
    List<Block> prepare(List<? extends Entry> entries) {
        blocks.ensureCapacity(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            try {
                add(i, entries.get(i));
            } catch (MalformedMessageException e) {
                refusals.add(
                        new Refusal(i, Refusal.Reason.INVALID, String.valueOf(e.getMessage())));
            } catch (RefusedException e) {
                refusals.add(new Refusal(i, e.reason, String.valueOf(e.getMessage())));
            }
        }
        signals.forEach((signal, ticks) -> blocks.add(block(signal, ticks)));
        return blocks;
    }

    private void add(int index, Entry entry) throws MalformedMessageException, RefusedException {
        switch (entry) {
            case Entry.Text text -> text(index, text.message());
            case Entry.Comment comment -> comment(index, comment.message());
            case Entry.Event event -> event(index, event.message());
            case Entry.Blob blob -> blob(index, blob);
            case Entry.Tick tick -> tick(index, tick);
            case Entry.Call call -> call(index, call);
            case Entry.Malformed malformed ->
                    throw new RefusedException(Refusal.Reason.INVALID, malformed.reason());
        }
    }

    private void text(int index, ByteBuffer message)
            throws MalformedMessageException, RefusedException {
        Fields in = new Fields(message);
        boolean dated = false;
        long nanos = now;
        String source = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 2 -> {
                    nanos = in.timestamp();
                    dated = true;
                }
                case 3 -> source = in.text();
                default -> in.skip();
            }
        }
        checkName("the source", source);
        add(
                index,
                SeriesKey.of(Kind.TEXT, source),
                nanos,
                nanos,
                false,
                dated ? message : dated(message, 2));
    }

    private void comment(int index, ByteBuffer message) throws MalformedMessageException {
        Fields in = new Fields(message);
        boolean dated = false;
        long nanos = now;
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 2) {
                nanos = in.timestamp();
                dated = true;
            } else {
                in.skip();
            }
        }
        add(
                index,
                SeriesKey.of(Kind.COMMENT, ""),
                nanos,
                nanos,
                false,
                dated ? message : dated(message, 2));
    }

    private void event(int index, ByteBuffer message) throws MalformedMessageException {
        Fields in = new Fields(message);
        boolean dated = false;
        boolean preserve = false;
        long start = now;
        long end = Long.MIN_VALUE;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 5 -> {
                    start = in.timestamp();
                    dated = true;
                }
                case 6 -> end = in.timestamp();
                case 9 -> preserve = in.number() == PRESERVE;
                default -> in.skip();
            }
        }
        add(
                index,
                SeriesKey.of(Kind.EVENT, ""),
                start,
                Math.max(start, end),
                preserve,
                dated ? message : dated(message, 5));
    }

    private void blob(int index, Entry.Blob blob) throws RefusedException {
        if (blob.typeId().isEmpty()) {
            throw new RefusedException(
                    Refusal.Reason.INVALID,
                    "the blob has no type_id; say how its bytes are to be read");
        }
        String channel = blob.channel().isEmpty() ? blob.typeId() : blob.channel();
        checkName("the channel", channel);
        checkName("the type_id", blob.typeId());
        checkName("the source", blob.source());
        long nanos = blob.nanos().orElse(now);
        SeriesKey key = new SeriesKey(Kind.BLOB, channel, blob.typeId(), blob.source());
        add(index, key, nanos, nanos, false, blob.data());
    }

    private void call(int index, Entry.Call call) throws RefusedException {
        checkName("the service", call.service());
        checkName("the type of the message", call.typeId());
        checkName("the source", call.source());
        long nanos = call.nanos().orElse(now);
        Kind kind = call.answer() ? Kind.RESPONSE : Kind.REQUEST;
        SeriesKey key = new SeriesKey(kind, call.service(), call.typeId(), call.source());
        add(index, key, nanos, nanos, false, call.message());
    }

    private static void checkName(String what, String name) throws RefusedException {
        if (name.length() > LONGEST_NAME) {
            throw new RefusedException(
                    Refusal.Reason.INVALID,
                    "%s has %d characters; the limit is %d"
                            .formatted(what, name.length(), LONGEST_NAME));
        }
    }

    private void tick(int index, Entry.Tick tick) throws RefusedException {
        SignalSchema schema = schemas.apply(tick.schemaId());
        if (schema == null) {
            throw new RefusedException(
                    Refusal.Reason.UNKNOWN_SCHEMA,
                    "schema %d is not registered; register it before its ticks"
                            .formatted(tick.schemaId()));
        }
        if (tick.data().remaining() != schema.tickBytes()) {
            throw new RefusedException(
                    Refusal.Reason.INVALID,
                    "the tick has %d bytes; schema '%s' has %d"
                            .formatted(tick.data().remaining(), schema.name(), schema.tickBytes()));
        }
        checkName("the source", tick.source());
        Ticks ticks =
                signals.computeIfAbsent(
                        new Signal(tick.schemaId(), tick.source()), _ -> new Ticks(schema));
        ticks.indexes.add(index);
        ticks.ticks.add(tick);
    }

    private Block block(Signal signal, Ticks of) {
        int width = of.schema.tickBytes();
        ByteBuffer rows = TickRows.allocate(of.ticks.size(), width);
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (Entry.Tick tick : of.ticks) {
            long nanos = tick.nanos().orElse(now);
            TickRows.put(rows, tick.sequence(), nanos, tick.data());
            first = Math.min(first, nanos);
            last = Math.max(last, nanos);
        }
        SeriesKey key =
                new SeriesKey(
                        Kind.SIGNAL,
                        of.schema.name(),
                        Long.toHexString(signal.schemaId),
                        signal.source);
        return new Block(
                of.indexes,
                key,
                first,
                last,
                false,
                rows.flip(),
                Map.of(TickRows.SCHEMA, of.schema.definition()));
    }

    private void add(
            int index, SeriesKey key, long nanos, long end, boolean preserve, ByteBuffer payload) {
        blocks.add(new Block(List.of(index), key, nanos, end, preserve, payload, Map.of()));
    }

    /** The message with the time at which it came as field {@code number}. */
    private ByteBuffer dated(ByteBuffer message, int number) {
        byte[] time = Fields.timestamp(number, now);
        return ByteBuffer.allocate(message.remaining() + time.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(message.duplicate())
                .put(time)
                .flip();
    }
}
