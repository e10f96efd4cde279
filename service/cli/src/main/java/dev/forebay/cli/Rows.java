package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How a command prints what is JSON in itself: as it is, or as a table with a line for each element
 * of an array, of the columns that people look for. An object is a table of its keys and values.
 */
final class Rows {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "How to print: ${COMPLETION-CANDIDATES}; default: as for 'buffer list'.")
    private Format format;

    /** Prints objects of JSON; a column is a key, or keys with dots between them. */
    void list(List<?> objects, String... columns) throws IOException {
        if (!isTable()) {
            out().println(objects.isEmpty() ? "[]" : PlainJson.writeIndented(objects));
            return;
        }
        List<List<String>> table = new ArrayList<>();
        table.add(
                List.of(columns).stream()
                        .map(column -> column.replaceFirst(".*\\.", "").toUpperCase(Locale.ROOT))
                        .toList());
        for (Object each : objects) {
            table.add(List.of(columns).stream().map(column -> cell(at(each, column))).toList());
        }
        print(table);
    }

    /** Prints one object as a list of one would be. */
    void one(Object object, String... columns) throws IOException {
        if (isTable()) {
            list(List.of(object), columns);
        } else {
            out().println(PlainJson.writeIndented(object));
        }
    }

    /** Prints one object, as a table of a line for each key. */
    void keys(Object object) throws IOException {
        if (isTable()) {
            List<List<String>> table = new ArrayList<>();
            table.add(List.of("KEY", "VALUE"));
            if (object instanceof Map<?, ?> map) {
                map.forEach((key, value) -> table.add(List.of(String.valueOf(key), cell(value))));
            }
            print(table);
        } else {
            out().println(PlainJson.writeIndented(object));
        }
    }

    /** Whether nothing says a format: neither the user, nor the environment, nor the settings. */
    boolean isUnsaid() throws IOException {
        return format == null && DefaultFormat.chosen(Shell.of(spec)).isEmpty();
    }

    /** Whether a table is wanted. */
    boolean isTable() throws IOException {
        return (format != null ? format : DefaultFormat.of(Shell.of(spec))) == Format.TABLE;
    }

    private void print(List<List<String>> table) {
        int columns = table.getFirst().size();
        int[] widths =
                IntStream.range(0, columns)
                        .map(i ->
                                table.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
                        .toArray();
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            out().println(line.toString().stripTrailing());
        }
    }

    private static @Nullable Object at(Object object, String column) {
        @Nullable Object value = object;
        for (String key : column.split("\\.", -1)) {
            value = value instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return value;
    }

    private static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "-";
            case Map<?, ?> map -> pairs(map);
            case List<?> list -> list.stream().map(Rows::cell).collect(Collectors.joining(","));
            default -> value.toString().replace("\n", "\\n");
        };
    }

    private static String pairs(Map<?, ?> map) {
        Map<String, String> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put(String.valueOf(key), cell(value)));
        return sorted.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining(","));
    }

    private PrintWriter out() {
        return Shell.of(spec).out();
    }
}
