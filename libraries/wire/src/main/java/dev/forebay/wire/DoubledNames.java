package dev.forebay.wire;

import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.CodespecReference;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Finds a property that a text names twice in another case. The parser sees only names that are
 * doubled letter by letter, and which properties have no case is a matter of the type: those of a
 * record have none, while the keys of a map, such as tags, have.
 */
final class DoubledNames {
    /** The types of the components of a record by their names in lower case. */
    private static final ClassValue<Map<String, Type>> COMPONENTS =
            new ClassValue<>() {
                @Override
                protected Map<String, Type> computeValue(Class<?> record) {
                    return components(record);
                }
            };

    private DoubledNames() {}

    /** The path of the first one, if there is one, in a text that is known to be a {@code type}. */
    static Optional<String> in(JsonParser text, Type type) {
        text.nextToken();
        return Optional.ofNullable(search(text, type, "$"));
    }

    /** Searches the value that begins here, and stands at its end after it. */
    private static @Nullable String search(JsonParser text, @Nullable Type type, String path) {
        if (text.currentToken() == JsonToken.START_ARRAY
                && type instanceof ParameterizedType list) {
            for (int i = 0; text.nextToken() != JsonToken.END_ARRAY; i++) {
                String found = search(text, list.getActualTypeArguments()[0], path + "[" + i + "]");
                if (found != null) {
                    return found;
                }
            }
        } else if (text.currentToken() == JsonToken.START_OBJECT
                && type instanceof Class<?> record
                && record.isRecord()) {
            Set<String> seen = new HashSet<>();
            while (text.nextToken() != JsonToken.END_OBJECT) {
                String name = text.currentName();
                String inside = path + "." + name;
                if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                    return inside;
                }
                text.nextToken();
                String found = search(text, component(record, name), inside);
                if (found != null) {
                    return found;
                }
            }
        } else {
            text.skipChildren();
        }
        return null;
    }

    private static @Nullable Type component(Class<?> record, String name) {
        return COMPONENTS.get(record).get(name.toLowerCase(Locale.ROOT));
    }

    private static Map<String, Type> components(Class<?> record) {
        Map<String, Type> types = new HashMap<>();
        for (RecordComponent each : record.getRecordComponents()) {
            Type type = each.getGenericType();
            // On the wire it is the codespec itself, or a text.
            types.put(
                    each.getName().toLowerCase(Locale.ROOT),
                    type == CodespecReference.class ? CodespecBody.class : type);
        }
        return Map.copyOf(types);
    }
}
