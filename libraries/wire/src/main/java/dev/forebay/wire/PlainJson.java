package dev.forebay.wire;

import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/**
 * JSON as maps, lists, strings, numbers and booleans, and nothing else: what a short-lived client
 * needs, without the time that {@link Json} takes to prepare its records. Maps keep their order.
 *
 * <p>Doubled names, nesting beyond 500 and anything after the value are refused. Safe for use by
 * many threads; never blocks.
 */
public final class PlainJson {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private PlainJson() {}

    /**
     * Writes {@code value}, compact.
     *
     * @param value maps, lists, texts, numbers, truth values or null
     * @return UTF-8
     */
    public static byte[] write(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            put(json, value);
        }
        return out.toByteArray();
    }

    /**
     * Writes {@code value} for people: two blanks of indentation.
     *
     * @param value maps, lists, texts, numbers, truth values or null
     * @return several lines, without a line break at the end
     */
    public static String writeIndented(@Nullable Object value) {
        StringWriter out = new StringWriter();
        var indented =
                new ObjectWriteContext.Base() {
                    @Override
                    public PrettyPrinter getPrettyPrinter() {
                        return new DefaultPrettyPrinter();
                    }
                };
        try (JsonGenerator json = FACTORY.createGenerator(indented, out)) {
            put(json, value);
        }
        return out.toString();
    }

    /**
     * Reads one value; null only if the text says null.
     *
     * @param text UTF-8
     * @return maps, lists, texts, numbers, truth values or null
     * @throws WireFormatException if the text is not one value of JSON
     */
    public static @Nullable Object read(byte[] text) {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            json.nextToken();
            Object value = take(json);
            if (json.nextToken() != null) {
                throw new WireFormatException("expected nothing after the value", null);
            }
            return value;
        } catch (JacksonException e) {
            throw new WireFormatException(String.valueOf(e.getOriginalMessage()), e);
        }
    }

    /**
     * Reads an object.
     *
     * @param text UTF-8
     * @return its members in their order
     * @throws WireFormatException if the text is anything else
     */
    @SuppressWarnings("unchecked") // The names of an object are strings.
    public static Map<String, Object> readObject(byte[] text) {
        if (read(text) instanceof Map<?, ?> object) {
            return (Map<String, Object>) object;
        }
        throw new WireFormatException("expected an object", null);
    }

    /** No pattern switch: the JVM would make a class for it, in a process that lives 0.1 s. */
    private static void put(JsonGenerator json, @Nullable Object value) {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof String text) {
            json.writeString(text);
        } else if (value instanceof Boolean yes) {
            json.writeBoolean(yes);
        } else if (value instanceof Integer number) {
            json.writeNumber(number);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Map<?, ?> object) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                json.writeName(String.valueOf(entry.getKey()));
                put(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> array) {
            json.writeStartArray();
            for (Object of : array) {
                put(json, of);
            }
            json.writeEndArray();
        } else {
            throw new IllegalArgumentException(value.getClass() + " is not a plain value of JSON");
        }
    }

    /** No case for null in the switch: the JVM would make classes for it, too. */
    private static @Nullable Object take(JsonParser json) {
        JsonToken token = json.currentToken();
        if (token == null) {
            throw new WireFormatException("expected a value", null);
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> object = new LinkedHashMap<>();
                for (String name = json.nextName(); name != null; name = json.nextName()) {
                    json.nextToken();
                    object.put(name, take(json));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<@Nullable Object> array = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    array.add(take(json));
                }
                yield array;
            }
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT -> json.getNumberValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new WireFormatException("expected a value", null);
        };
    }
}
