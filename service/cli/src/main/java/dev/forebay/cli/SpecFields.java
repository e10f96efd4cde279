package dev.forebay.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays the options of a command over the fields of a {@link YamlFile}, which may be nested. */
final class SpecFields {
    private SpecFields() {}

    /** Sets a field, unless {@code value} is null. */
    static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    /** Adds values to the object in a field; the others that it has stay. */
    static void putAll(Map<String, Object> fields, String name, Map<String, ?> values) {
        if (!values.isEmpty()) {
            object(fields, name).putAll(values);
        }
    }

    /**
     * The object in a field; a new, empty one if the field is missing.
     *
     * @throws IllegalArgumentException if the field holds something else
     */
    static Map<String, Object> object(Map<String, Object> fields, String name) {
        Map<String, Object> object = new LinkedHashMap<>();
        @Nullable Object there = fields.get(name);
        if (there instanceof Map<?, ?> map) {
            map.forEach((key, value) -> object.put(String.valueOf(key), value));
        } else if (there != null) {
            throw new IllegalArgumentException(
                    "expected fields below '%s', found '%s'".formatted(name, there));
        }
        fields.put(name, object);
        return object;
    }
}
