package dev.forebay.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.CodespecReference;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads and writes the records of the control plane, and other values, as JSON. {@link PlainJson}
 * does without records, and starts faster.
 *
 * <p>Written: camel case, without properties that are null, false or 0; empty arrays and objects
 * stay; times as {@link Times}, durations as {@link TimeSpan}, quantities as texts. Read: names
 * without case, trailing commas and quoted numbers are accepted; unknown and duplicate properties,
 * other types in place of a text or of true and false, and anything after the value are refused. A
 * record annotated so ignores unknown properties.
 *
 * <p>Source: section 2.1 of the reference's protocol. Safe for use by many threads; never blocks.
 */
public final class Json {
    private static final JsonMapper MAPPER = mapper();

    private Json() {}

    /**
     * Writes a value, compact.
     *
     * @param value a record of this module, or what such a record is made of
     * @return UTF-8
     */
    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /**
     * For people: two blanks of indentation.
     *
     * @param value a record of this module, or what such a record is made of
     * @return several lines, without a line break at the end
     */
    public static String writeIndented(Object value) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }

    /**
     * Reads one value.
     *
     * @param <T> what is wanted
     * @param text UTF-8
     * @param type what is wanted
     * @return the value
     * @throws WireFormatException if the text is not JSON or not that type; the message ends with
     *     the path
     */
    public static <T> T read(byte[] text, Class<T> type) {
        try (JsonParser in = MAPPER.createParser(text)) {
            if (in.nextToken() == null) {
                throw wrong("expected a value, found nothing", "$", null);
            }
            T value = MAPPER.readValue(in, type);
            if (value == null) {
                throw wrong("expected a value, found null", "$", null);
            }
            if (in.nextToken() != null) {
                throw wrong("expected nothing after the value", "$", null);
            }
            refuseDoubled(text, type);
            return value;
        } catch (JacksonException e) {
            throw wrong(JsonComplaint.of(e), path(e), e);
        }
    }

    private static void refuseDoubled(byte[] text, Class<?> type) {
        try (JsonParser again = MAPPER.createParser(text)) {
            Optional<String> path = DoubledNames.in(again, type);
            if (path.isPresent()) {
                throw wrong(
                        "Duplicate property; names are compared without case", path.get(), null);
            }
        }
    }

    private static WireFormatException wrong(
            String complaint, String path, @Nullable Throwable cause) {
        return new WireFormatException(complaint + " Path: " + path + ".", cause);
    }

    private static String path(JacksonException e) {
        StringBuilder path = new StringBuilder("$");
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() != null) {
                path.append('.').append(step.getPropertyName());
            } else {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.toString();
    }

    private static JsonMapper mapper() {
        SimpleModule types = new SimpleModule("forebay");
        add(types, Instant.class, Times::format, Times::parse);
        add(types, Duration.class, TimeSpan::format, TimeSpan::parse);
        add(types, Quantity.class, Quantity::text, Quantity::parse);
        types.addSerializer(CodespecReference.class, new ReferenceSerializer());
        types.addDeserializer(CodespecReference.class, new ReferenceDeserializer());
        JsonInclude.Value notDefault =
                JsonInclude.Value.construct(
                        JsonInclude.Include.NON_DEFAULT, JsonInclude.Include.ALWAYS);
        return JsonMapper.builder()
                .addModule(types)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                .enable(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // read() checks
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .changeDefaultPropertyInclusion(any ->
                        JsonInclude.Value.construct(
                                JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .withConfigOverride(boolean.class, o -> o.setInclude(notDefault))
                .withConfigOverride(int.class, o -> o.setInclude(notDefault))
                .withConfigOverride(long.class, o -> o.setInclude(notDefault))
                .withCoercionConfig(
                        LogicalType.Textual,
                        config -> {
                            config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                            config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                            config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
                        })
                .withCoercionConfig(
                        LogicalType.Boolean,
                        config -> {
                            config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                            config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                            config.setCoercion(CoercionInputShape.String, CoercionAction.Fail);
                            config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
                        })
                .build();
    }

    /** A text or an object. */
    private static final class ReferenceSerializer extends StdSerializer<CodespecReference> {
        ReferenceSerializer() {
            super(CodespecReference.class);
        }

        @Override
        public void serialize(
                CodespecReference value, JsonGenerator out, SerializationContext context) {
            if (value.name() != null) {
                out.writeString(value.name());
            } else {
                context.writeValue(out, value.inline());
            }
        }
    }

    /** A text or an object. */
    private static final class ReferenceDeserializer extends StdDeserializer<CodespecReference> {
        ReferenceDeserializer() {
            super(CodespecReference.class);
        }

        @Override
        public CodespecReference deserialize(JsonParser in, DeserializationContext context) {
            return in.hasToken(JsonToken.START_OBJECT)
                    ? CodespecReference.of(context.readValue(in, CodespecBody.class))
                    : CodespecReference.to(context.readValue(in, String.class));
        }
    }

    private static <T> void add(
            SimpleModule types,
            Class<T> type,
            Function<T, String> format,
            Function<String, T> parse) {
        types.addSerializer(
                type,
                new StdSerializer<T>(type) {
                    @Override
                    public void serialize(T value, JsonGenerator out, SerializationContext any) {
                        out.writeString(format.apply(value));
                    }
                });
        types.addDeserializer(
                type,
                new StdDeserializer<T>(type) {
                    @Override
                    public T deserialize(JsonParser in, DeserializationContext context) {
                        String text = in.getValueAsString();
                        try {
                            if (text != null) {
                                return parse.apply(text);
                            }
                        } catch (IllegalArgumentException e) {
                            throw context.weirdStringException(
                                    text, type, String.valueOf(e.getMessage()));
                        }
                        throw context.wrongTokenException(
                                in, type, JsonToken.VALUE_STRING, "expected a text");
                    }
                });
    }
}
