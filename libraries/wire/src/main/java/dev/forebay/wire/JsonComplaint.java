package dev.forebay.wire;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** What is wrong with a text of JSON, in the words of JSON rather than of Java. */
final class JsonComplaint {
    private JsonComplaint() {}

    static String of(JacksonException fault) {
        return switch (fault) {
            case UnrecognizedPropertyException e ->
                    "Unrecognized property '" + e.getPropertyName() + "'" + known(e);
            case InvalidFormatException e ->
                    "'" + e.getValue() + "' is not " + wanted(e.getTargetType());
            case MismatchedInputException e -> "expected " + wanted(e.getTargetType());
            default -> String.valueOf(fault.getOriginalMessage());
        };
    }

    private static String known(UnrecognizedPropertyException fault) {
        Collection<Object> names = fault.getKnownPropertyIds();
        if (names == null || names.isEmpty()) {
            return "";
        }
        return names.stream()
                .map(String::valueOf)
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(", ", "; expected one of ", ""));
    }

    private static String wanted(@Nullable Class<?> type) {
        if (type == null) {
            return "what belongs here";
        }
        if (type == Instant.class) {
            return "a time such as 2026-01-31T12:00:00Z";
        }
        if (type == Duration.class) {
            return "a duration such as 1.12:30:00";
        }
        if (type == Quantity.class) {
            return "a quantity such as 500m, 2 or 4Gi";
        }
        if (CharSequence.class.isAssignableFrom(type)) {
            return "a text";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a number";
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "an array";
        }
        return Map.class.isAssignableFrom(type) || type.isRecord()
                ? "an object"
                : "what belongs here";
    }
}
