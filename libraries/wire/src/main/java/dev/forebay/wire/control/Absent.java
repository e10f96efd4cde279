package dev.forebay.wire.control;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Empty texts, lists and maps count as absent; source: section 2.1 of the reference's protocol. */
final class Absent {
    private Absent() {}

    static @Nullable String ifEmpty(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    /** A copy, which may hold null as JSON may. */
    static <T> @Nullable List<T> ifEmpty(@Nullable List<T> list) {
        return list == null || list.isEmpty()
                ? null
                : Collections.unmodifiableList(new ArrayList<>(list));
    }

    /** A copy in the same order, which may hold null as JSON may. */
    static <T> @Nullable Map<String, T> ifEmpty(@Nullable Map<String, T> map) {
        return map == null || map.isEmpty()
                ? null
                : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
