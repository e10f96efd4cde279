package dev.forebay.record.json;

import dev.forebay.base.DamagedException;
import dev.forebay.record.Codec;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.core.util.MinimalPrettyPrinter;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records as the reference prints them: one line, {@code id} and {@code create_at} first, a blank
 * after each colon and comma, everything beyond ASCII escaped, time as {@code
 * 2024-01-07T07:35:21.867031+00:00} with the fraction left out when it is zero.
 *
 * <p><b>Limit.</b> Microseconds; finer time is cut. Unlike the reference, a text without an id or a
 * time is damaged: it is not given a fresh one.
 *
 * <p>Safe for use by many threads.
 */
public final class JsonCodec implements Codec<JsonRecord> {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");

    private final ObjectMapper mapper =
            JsonMapper.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
                    .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .defaultPrettyPrinter(new Blanks())
                    .build();

    @SuppressWarnings("serial") // Never serialised.
    private static final class Blanks extends MinimalPrettyPrinter {
        @Override
        public void writeObjectNameValueSeparator(JsonGenerator generator) {
            generator.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator generator) {
            generator.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator generator) {
            generator.writeRaw(", ");
        }
    }

    /** The codec has no settings. */
    public JsonCodec() {}

    /**
     * The record as one line of text.
     *
     * @param record not null
     * @return a text without a line break
     */
    public String print(JsonRecord record) {
        OffsetDateTime time =
                record.createAt().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("id", record.id());
        object.put(
                "create_at",
                time.format(time.get(ChronoField.MICRO_OF_SECOND) == 0 ? SECONDS : MICROS)
                        + "+00:00");
        object.putAll(record.members());
        return mapper.writeValueAsString(object);
    }

    @Override
    public byte[] encode(JsonRecord record) {
        return print(record).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * @throws DamagedException if the bytes are no JSON object with an id and a time
     */
    @Override
    public JsonRecord decode(byte[] bytes) {
        try {
            Map<String, @Nullable Object> object =
                    mapper.readValue(
                            bytes, new TypeReference<LinkedHashMap<String, @Nullable Object>>() {});
            Object id = object.remove("id");
            Object time = object.remove("create_at");
            if (id instanceof String name && time instanceof String text) {
                return new JsonRecord(name, OffsetDateTime.parse(text).toInstant(), object);
            }
            throw new DamagedException(
                    "a record needs the strings id and create_at, found " + id + " and " + time);
        } catch (JacksonException | DateTimeException e) {
            throw new DamagedException("not a JSON record: " + e.getMessage(), e);
        }
    }
}
