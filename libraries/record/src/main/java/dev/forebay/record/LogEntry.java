package dev.forebay.record;

import dev.forebay.base.DamagedException;
import dev.forebay.record.outlet.Cause;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a buffer writes into its journal: one frame each. The frame's flags hold {@link #kind}; all
 * numbers are big-endian longs, texts are UTF-8 and reach to the end of the frame.
 *
 * <pre>
 *  0 Added          sequence | encoded record
 *  1 Released       id | first | last | code of the cause
 *  2 Committed      id | first | last
 *  3 Dropped        first (0: never had a number) | last (or the count) | code of the reason
 *  4 Failed         id
 *  5 DeadLettered   id | first | last | reason
 *  6 Split          id | first | first of the second half | last | cause | id of each half
 *  7 Forgotten      id of the dead batch
 *  8 Counters       committed | next sequence | next batch id | dropped, by code of the reason
 *  9 CarriedRecord  id of the dead batch | index of the record in it | encoded record
 * 10 CarriedLetter  id of the dead batch, whose records were carried just before | first | reason
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // Entries are written and read, never compared.
sealed interface LogEntry {
    /** The number that the frame's flags hold. */
    int kind();

    /** The frame's payload; {@link #decode} is its inverse. */
    byte[] payload();

    /** A record was added. */
    record Added(long sequence, byte[] encoded) implements LogEntry {
        static final int KIND = 0;

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public byte[] payload() {
            return join(encoded, sequence);
        }

        static Added decode(ByteBuffer payload) {
            return new Added(payload.getLong(), rest(payload));
        }
    }

    /** Records were released as a batch. */
    record Released(long id, long first, long last, Cause cause) implements LogEntry {
        @Override
        public int kind() {
            return 1;
        }

        @Override
        public byte[] payload() {
            return join(NOTHING, id, first, last, code(CAUSES, cause));
        }

        static Released decode(ByteBuffer payload) {
            return new Released(
                    payload.getLong(),
                    payload.getLong(),
                    payload.getLong(),
                    value(CAUSES, payload.getLong(), "cause"));
        }
    }

    /** A batch was committed. */
    record Committed(long id, long first, long last) implements LogEntry {
        @Override
        public int kind() {
            return 2;
        }

        @Override
        public byte[] payload() {
            return join(NOTHING, id, first, last);
        }

        static Committed decode(ByteBuffer payload) {
            return new Committed(payload.getLong(), payload.getLong(), payload.getLong());
        }
    }

    /**
     * Records left without a commit; with {@code first} 0, {@code last} of them, never numbered.
     */
    record Dropped(long first, long last, DropReason reason) implements LogEntry {
        @Override
        public int kind() {
            return 3;
        }

        @Override
        public byte[] payload() {
            return join(NOTHING, first, last, code(REASONS, reason));
        }

        static Dropped decode(ByteBuffer payload) {
            return new Dropped(
                    payload.getLong(),
                    payload.getLong(),
                    value(REASONS, payload.getLong(), "reason"));
        }
    }

    /** A consumer could not take a batch. */
    record Failed(long id) implements LogEntry {
        @Override
        public int kind() {
            return 4;
        }

        @Override
        public byte[] payload() {
            return join(NOTHING, id);
        }

        static Failed decode(ByteBuffer payload) {
            return new Failed(payload.getLong());
        }
    }

    /** A batch was given up. */
    record DeadLettered(long id, long first, long last, String reason) implements LogEntry {
        @Override
        public int kind() {
            return 5;
        }

        @Override
        public byte[] payload() {
            return join(utf8(reason), id, first, last);
        }

        static DeadLettered decode(ByteBuffer payload) {
            return new DeadLettered(
                    payload.getLong(), payload.getLong(), payload.getLong(), text(payload));
        }
    }

    /** A batch was divided into two. */
    record Split(long id, long first, long second, long last, Cause cause, long left, long right)
            implements LogEntry {
        @Override
        public int kind() {
            return 6;
        }

        @Override
        public byte[] payload() {
            return join(NOTHING, id, first, second, last, code(CAUSES, cause), left, right);
        }

        static Split decode(ByteBuffer payload) {
            return new Split(
                    payload.getLong(),
                    payload.getLong(),
                    payload.getLong(),
                    payload.getLong(),
                    value(CAUSES, payload.getLong(), "cause"),
                    payload.getLong(),
                    payload.getLong());
        }
    }

    /** A dead letter is not needed any more. */
    record Forgotten(long id) implements LogEntry {
        @Override
        public int kind() {
            return 7;
        }

        @Override
        public byte[] payload() {
            return join(NOTHING, id);
        }

        static Forgotten decode(ByteBuffer payload) {
            return new Forgotten(payload.getLong());
        }
    }

    /** The counters of the ledger, since frames in front of this one may be trimmed. */
    record Counters(long committed, long next, long nextBatch, Map<DropReason, Long> dropped)
            implements LogEntry {
        @Override
        public int kind() {
            return 8;
        }

        @Override
        public byte[] payload() {
            long[] values = new long[3 + REASONS.size()];
            values[0] = committed;
            values[1] = next;
            values[2] = nextBatch;
            for (DropReason reason : REASONS) {
                values[2 + code(REASONS, reason)] = dropped.getOrDefault(reason, 0L);
            }
            return join(NOTHING, values);
        }

        static Counters decode(ByteBuffer payload) {
            long committed = payload.getLong();
            long next = payload.getLong();
            long nextBatch = payload.getLong();
            Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
            for (int code = 1; payload.hasRemaining(); code++) {
                dropped.put(value(REASONS, code, "reason"), payload.getLong());
            }
            return new Counters(committed, next, nextBatch, dropped);
        }
    }

    /** A record of a dead letter, written again behind what is trimmed. */
    record CarriedRecord(long batch, long index, byte[] encoded) implements LogEntry {
        @Override
        public int kind() {
            return 9;
        }

        @Override
        public byte[] payload() {
            return join(encoded, batch, index);
        }

        static CarriedRecord decode(ByteBuffer payload) {
            return new CarriedRecord(payload.getLong(), payload.getLong(), rest(payload));
        }
    }

    /** The end of a dead letter that was written again. */
    record CarriedLetter(long batch, long first, String reason) implements LogEntry {
        @Override
        public int kind() {
            return 10;
        }

        @Override
        public byte[] payload() {
            return join(utf8(reason), batch, first);
        }

        static CarriedLetter decode(ByteBuffer payload) {
            return new CarriedLetter(payload.getLong(), payload.getLong(), text(payload));
        }
    }

    /**
     * The entry of the frame at {@code position}.
     *
     * @throws DamagedException if it is none that this version knows
     */
    static LogEntry decode(int kind, byte[] bytes, long position) {
        ByteBuffer payload = ByteBuffer.wrap(bytes);
        return switch (kind) {
            case Added.KIND -> Added.decode(payload);
            case 1 -> Released.decode(payload);
            case 2 -> Committed.decode(payload);
            case 3 -> Dropped.decode(payload);
            case 4 -> Failed.decode(payload);
            case 5 -> DeadLettered.decode(payload);
            case 6 -> Split.decode(payload);
            case 7 -> Forgotten.decode(payload);
            case 8 -> Counters.decode(payload);
            case 9 -> CarriedRecord.decode(payload);
            case 10 -> CarriedLetter.decode(payload);
            default ->
                    throw new DamagedException(
                            "frame %d has kind %d, expected 0 to 10; it is not of a record buffer, or of a later version: open it with that"
                                    .formatted(position, kind));
        };
    }

    byte[] NOTHING = {};

    /** What released a batch, by code from 1; only append. */
    List<Cause> CAUSES =
            List.of(
                    Cause.CUSTOM,
                    Cause.COUNT,
                    Cause.BYTES,
                    Cause.TIME,
                    Cause.FLUSH,
                    Cause.NEXT_TRANSFER);

    /** Why records left without a commit, by code from 1; only append. */
    List<DropReason> REASONS =
            List.of(
                    DropReason.OLDEST,
                    DropReason.NEWEST,
                    DropReason.RESET,
                    DropReason.DEAD_LETTER,
                    DropReason.CLOSED,
                    DropReason.DAMAGED);

    private static <V> int code(List<V> values, V value) {
        return 1 + values.indexOf(value);
    }

    private static <V> V value(List<V> values, long code, String name) {
        if (code < 1 || code > values.size()) {
            throw new DamagedException(
                    "%s %d is unknown, expected 1 to %d; a later version wrote it: open it with that"
                            .formatted(name, code, values.size()));
        }
        return values.get((int) code - 1);
    }

    private static byte[] join(byte[] rest, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES + rest.length);
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.put(rest).array();
    }

    private static byte[] rest(ByteBuffer payload) {
        byte[] rest = new byte[payload.remaining()];
        payload.get(rest);
        return rest;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer payload) {
        return new String(rest(payload), StandardCharsets.UTF_8);
    }
}
