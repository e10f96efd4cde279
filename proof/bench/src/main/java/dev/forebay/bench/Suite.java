package dev.forebay.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Rows under names, and the command line that measures them: {@code [--scale=full|quick|tiny]
 * [--directory=FOLDER] [--forebay=SCRIPT] [--output=table|lines|names] [ROW...]}.
 */
public final class Suite {
    /** One row, or several that one piece of work gives. */
    public interface Row {
        void measure(Run run) throws Exception;
    }

    /** What follows the name of a row that is measured alone, where names are printed. */
    public static final String ALONE = " alone";

    private enum Output {
        TABLE,
        LINES,
        NAMES
    }

    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Set<String> alone = new HashSet<>();

    public Suite row(String name, Row row) {
        rows.put(name, row);
        return this;
    }

    /** A row that is measured for its goal only: an older build cannot do it in any useful time. */
    public Suite rowAlone(String name, Row row) {
        alone.add(name);
        return row(name, row);
    }

    /** Measures the rows that {@code arguments} name, or all, in the suite's order. */
    public void main(String[] arguments) throws Exception {
        Settings settings =
                Settings.parse(arguments, Set.of("scale", "directory", "forebay", "output"));
        Map<String, Row> wanted = wanted(settings.words());
        Output output = Output.valueOf(settings.get("output", "table").toUpperCase(Locale.ROOT));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (output == Output.NAMES) {
            wanted.keySet()
                    .forEach(name -> out.println(name + (alone.contains(name) ? ALONE : "")));
            return;
        }
        if (output == Output.TABLE) {
            out.println("| What | Level | Figure | × the yardstick before it | Goal |");
            out.println("|---|---|---|---|---|");
        }
        Path forebay = Path.of(settings.get("forebay", "forebay")).toAbsolutePath();
        try (Run run =
                new Run(
                        settings.scale(Scale.FULL),
                        settings.directory(),
                        forebay,
                        figure ->
                                out.println(
                                        output == Output.LINES ? figure.toLine() : line(figure)))) {
            for (Row row : wanted.values()) {
                row.measure(run);
            }
        }
    }

    private Map<String, Row> wanted(List<String> names) {
        Map<String, Row> wanted = new LinkedHashMap<>();
        for (String name : names.isEmpty() ? rows.keySet() : names) {
            Row row = rows.get(name);
            if (row == null) {
                throw new IllegalArgumentException(
                        "expected a row of %s, found '%s'".formatted(rows.keySet(), name));
            }
            wanted.put(name, row);
        }
        return wanted;
    }

    private static String line(Figure figure) {
        return "| %s | %s | %s | %s | %s |"
                .formatted(
                        figure.what(),
                        figure.level(),
                        figure.unit().format(figure.value()),
                        figure.beside() > 0
                                ? String.format(
                                        Locale.ROOT, "%.2f", figure.value() / figure.beside())
                                : "",
                        figure.goalBeside(figure.value()));
    }
}
