package dev.forebay.datalog.export;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decodes and encodes the messages whose fields are known here: text, comments and events. Decoded,
 * they have the names and forms of the JSON mapping of Protocol Buffers: times as text, 64-bit
 * integers as text, values of enumerations by their names, nothing for what is not set.
 */
public final class KnownMessages {
    /** The full name of text messages. */
    public static final String TEXT = "bosdyn.api.TextMessage";

    /** The full name of comments of the operator. */
    public static final String COMMENT = "bosdyn.api.OperatorComment";

    /** The full name of events. */
    public static final String EVENT = "bosdyn.api.Event";

    private enum Form {
        STRING,
        INT32,
        INT64,
        UINT64,
        DOUBLE,
        BOOL,
        TIMESTAMP,
        DURATION,
        ENUM,
        MESSAGES
    }

    /** A field of a message; {@code names} are the values of an enumeration from 0 on. */
    private record Field(String name, Form form, List<String> names, Map<Integer, Field> of) {
        Field(String name, Form form) {
            this(name, form, List.of(), Map.of());
        }
    }

    private static final Map<Integer, Field> PARAMETER =
            Map.of(
                    1, new Field("label", Form.STRING),
                    2, new Field("units", Form.STRING),
                    3, new Field("int_value", Form.INT64),
                    4, new Field("float_value", Form.DOUBLE),
                    5, new Field("timestamp", Form.TIMESTAMP),
                    6, new Field("duration", Form.DURATION),
                    7, new Field("string_value", Form.STRING),
                    8, new Field("bool_value", Form.BOOL),
                    9, new Field("notes", Form.STRING),
                    10, new Field("uint_value", Form.UINT64));

    private static final Map<String, Map<Integer, Field>> TYPES =
            Map.of(
                    TEXT,
                    Map.of(
                            1, new Field("message", Form.STRING),
                            2, new Field("timestamp", Form.TIMESTAMP),
                            3, new Field("source", Form.STRING),
                            4,
                                    named(
                                            "level",
                                            "LEVEL_UNKNOWN",
                                            "LEVEL_DEBUG",
                                            "LEVEL_INFO",
                                            "LEVEL_WARN",
                                            "LEVEL_ERROR"),
                            5, new Field("tag", Form.STRING),
                            6, new Field("filename", Form.STRING),
                            7, new Field("line_number", Form.INT32)),
                    COMMENT,
                    Map.of(
                            1, new Field("message", Form.STRING),
                            2, new Field("timestamp", Form.TIMESTAMP)),
                    EVENT,
                    Map.of(
                            1, new Field("type", Form.STRING),
                            2, new Field("description", Form.STRING),
                            3, new Field("source", Form.STRING),
                            4, new Field("id", Form.STRING),
                            5, new Field("start_time", Form.TIMESTAMP),
                            6, new Field("end_time", Form.TIMESTAMP),
                            7,
                                    named(
                                            "level",
                                            "LEVEL_UNSET",
                                            "LEVEL_LOW",
                                            "LEVEL_MEDIUM",
                                            "LEVEL_HIGH",
                                            "LEVEL_MISSION_CRITICAL",
                                            "LEVEL_SYSTEM_CRITICAL"),
                            8, new Field("parameters", Form.MESSAGES, List.of(), PARAMETER),
                            9,
                                    named(
                                            "log_preserve_hint",
                                            "LOG_PRESERVE_HINT_UNSET",
                                            "LOG_PRESERVE_HINT_NORMAL",
                                            "LOG_PRESERVE_HINT_PRESERVE")));

    private KnownMessages() {}

    private static Field named(String name, String... values) {
        return new Field(name, Form.ENUM, List.of(values), Map.of());
    }

    /**
     * Whether messages of this type can be decoded.
     *
     * @param type the full name of a message
     * @return true if they can
     */
    public static boolean knows(String type) {
        return TYPES.containsKey(type);
    }

    /**
     * The fields of a message by their names.
     *
     * @param type the full name of a message
     * @param message its bytes, whose position stays
     * @return empty if the type is not known, or {@code message} is not of it
     */
    public static Optional<Map<String, @Nullable Object>> decode(String type, ByteBuffer message) {
        Map<Integer, Field> fields = TYPES.get(type);
        if (fields == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(decode(fields, new MessageReader(message)));
        } catch (MessageReader.MalformedException e) {
            return Optional.empty(); // The caller keeps the bytes as they are.
        }
    }

    private static Map<String, @Nullable Object> decode(
            Map<Integer, Field> fields, MessageReader in) {
        Map<String, @Nullable Object> found = new LinkedHashMap<>();
        for (int number = in.next(); number != 0; number = in.next()) {
            Field field = fields.get(number);
            if (field == null) {
                in.skip();
            } else if (field.form == Form.MESSAGES) {
                list(found, field.name).add(decode(field.of, in.message()));
            } else {
                found.put(field.name, value(field, in));
            }
        }
        return found;
    }

    @SuppressWarnings("unchecked") // Only lists are put under the name of a repeated field.
    private static List<Object> list(Map<String, @Nullable Object> found, String name) {
        Object list = found.computeIfAbsent(name, _ -> new ArrayList<Object>());
        return (List<Object>) list;
    }

    private static Object value(Field field, MessageReader in) {
        return switch (field.form) {
            case STRING -> in.text();
            case INT32 -> (int) in.number();
            case INT64 -> Long.toString(in.number());
            case UINT64 -> Long.toUnsignedString(in.number());
            case DOUBLE -> number(in.real());
            case BOOL -> in.number() != 0;
            case TIMESTAMP -> in.timestamp();
            case DURATION -> in.duration();
            case ENUM -> enumeration(field, in.number());
            case MESSAGES -> throw new IllegalStateException("a list is read elsewhere");
        };
    }

    /** JSON has no NaN and no infinities; the mapping of Protocol Buffers takes their names. */
    private static Object number(double value) {
        return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }

    private static Object enumeration(Field field, long value) {
        return value >= 0 && value < field.names.size()
                ? field.names.get((int) value)
                : (Object) value;
    }

    /**
     * The bytes of a message, from its fields by their names, in the forms that {@link #decode}
     * gives.
     *
     * @param type the full name of a message
     * @param message fields by their names
     * @return a buffer of its own
     * @throws IllegalArgumentException if a field is unknown, or its value not of its form
     */
    public static ByteBuffer encode(String type, Map<String, ?> message) {
        Map<Integer, Field> fields = TYPES.get(type);
        if (fields == null) {
            throw new IllegalArgumentException(
                    "the fields of '%s' are not known; known are %s, %s and %s"
                            .formatted(type, TEXT, COMMENT, EVENT));
        }
        MessageWriter out = new MessageWriter();
        encode(fields, message, out);
        return ByteBuffer.wrap(out.bytes());
    }

    /** Writes the fields in the order of their numbers. */
    private static void encode(Map<Integer, Field> fields, Map<?, ?> message, MessageWriter out) {
        Set<Object> left = new HashSet<>(message.keySet());
        for (Map.Entry<Integer, Field> field : new TreeMap<>(fields).entrySet()) {
            String name = field.getValue().name;
            Object value = message.get(name);
            left.remove(name);
            if (value == null) {
                continue;
            }
            try {
                encode(field.getKey(), field.getValue(), value, out);
            } catch (ClassCastException
                    | NumberFormatException
                    | ArithmeticException
                    | DateTimeException e) {
                throw new IllegalArgumentException(
                        "the field '%s' has no value of its form: %s"
                                .formatted(name, e.getMessage()),
                        e);
            }
        }
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    "the field '%s' is unknown".formatted(left.iterator().next()));
        }
    }

    private static void encode(int number, Field field, Object value, MessageWriter out) {
        switch (field.form) {
            case STRING -> out.text(number, (String) value);
            case INT32, INT64 -> out.number(number, Long.parseLong(value.toString()));
            case UINT64 -> out.number(number, Long.parseUnsignedLong(value.toString()));
            case DOUBLE -> out.real(number, Double.parseDouble(value.toString()));
            case BOOL -> out.number(number, (Boolean) value ? 1 : 0);
            case TIMESTAMP -> {
                Instant time = Instant.parse((String) value);
                out.pair(number, time.getEpochSecond(), time.getNano());
            }
            case DURATION -> {
                BigDecimal seconds =
                        new BigDecimal(((String) value).replaceFirst("s$", "")).setScale(9);
                BigDecimal whole = seconds.setScale(0, RoundingMode.DOWN);
                out.pair(
                        number,
                        whole.longValueExact(),
                        seconds.subtract(whole).unscaledValue().intValueExact());
            }
            case ENUM -> {
                int known = field.names.indexOf(value);
                out.number(number, known >= 0 ? known : Long.parseLong(value.toString()));
            }
            case MESSAGES -> {
                for (Object each : (List<?>) value) {
                    MessageWriter inner = new MessageWriter();
                    encode(field.of, (Map<?, ?>) each, inner);
                    out.message(number, inner);
                }
            }
        }
    }
}
