package dev.forebay.record.json;

import dev.forebay.base.DamagedException;
import dev.forebay.record.Codec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records of any type that Jackson can write and read, as compact JSON.
 *
 * <p><b>Limit.</b> A type that changes must still read what its older form wrote; the codec keeps
 * no version.
 *
 * <p>Safe for use by many threads.
 *
 * @param <T> what a record is
 */
public final class JacksonCodec<T> implements Codec<T> {
    private final ObjectMapper mapper;
    private final JavaType type;

    private JacksonCodec(ObjectMapper mapper, JavaType type) {
        this.mapper = mapper;
        this.type = type;
    }

    /**
     * Records of {@code type}, with Jackson's own settings.
     *
     * @param <T> what a record is
     * @param type what a record is
     * @return that codec
     */
    public static <T> JacksonCodec<T> of(Class<T> type) {
        return of(JsonMapper.shared(), type);
    }

    /**
     * Records of {@code type}, with the caller's settings.
     *
     * @param <T> what a record is
     * @param mapper writes and reads; must not be changed any more
     * @param type what a record is
     * @return that codec
     */
    public static <T> JacksonCodec<T> of(ObjectMapper mapper, Class<T> type) {
        return new JacksonCodec<>(mapper, mapper.constructType(type));
    }

    /**
     * @throws IllegalArgumentException if Jackson cannot write the record
     */
    @Override
    public byte[] encode(T record) {
        try {
            return mapper.writerFor(type).writeValueAsBytes(record);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "cannot write a record as JSON: " + e.getMessage(), e);
        }
    }

    /**
     * @throws DamagedException if the bytes are not the JSON of a record of this type
     */
    @Override
    public T decode(byte[] bytes) {
        T record;
        try {
            record = mapper.readValue(bytes, type);
        } catch (JacksonException e) {
            throw new DamagedException(
                    "not the JSON of %s: %s".formatted(type.toCanonical(), e.getMessage()), e);
        }
        if (record == null) {
            throw new DamagedException("null is no record of " + type.toCanonical());
        }
        return record;
    }
}
