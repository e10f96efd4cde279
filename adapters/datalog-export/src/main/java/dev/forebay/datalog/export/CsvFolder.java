package dev.forebay.datalog.export;

import dev.forebay.base.Closing;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a folder of comma-separated values, as RFC 4180 has them: UTF-8, lines end with CR LF, a
 * cell with a comma, a quote or a line break is put in quotes. A text that a spreadsheet could take
 * for a formula has an apostrophe in front. For use by one thread.
 */
final class CsvFolder implements ItemSink {
    /** The most files that are open at a time; others are opened again to go on. */
    private static final int MOST_OPEN = 200;

    /** The most characters that a name of a signal gives to the name of its file. */
    private static final int LONGEST_NAME = 100;

    /** With these a formula begins, or what is taken for the guard of one. */
    private static final String GUARDED = "=+-@'\t\r";

    private static final List<String> TIME = List.of("time_ns", "time");
    private static final List<String> TEXT =
            List.of("source", "level", "tag", "message", "filename", "line_number");
    private static final List<String> COMMENT = List.of("message");
    private static final List<String> EVENT =
            List.of(
                    "type",
                    "source",
                    "id",
                    "level",
                    "start_time",
                    "end_time",
                    "log_preserve_hint",
                    "description",
                    "parameters");

    private final Path folder;

    /** The files that are open, the one that was used last at the end. */
    private final LinkedHashMap<String, BufferedWriter> open = new LinkedHashMap<>(16, 0.75f, true);

    /** The names of all files, in lower case: some file systems know no other. */
    private final Set<String> names = new HashSet<>();

    private final Map<Integer, String> signals = new HashMap<>();

    CsvFolder(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
    }

    @Override
    public void message(LogMessage message, Optional<Map<String, @Nullable Object>> decoded)
            throws IOException {
        if (decoded.isEmpty()) {
            List<String> row = time(message.nanos());
            row.add(guarded(message.channel()));
            row.add(guarded(message.type()));
            row.add(Integer.toString(message.payload().remaining()));
            row.add(ItemJson.base64(message.payload()));
            line(file("blobs", List.of("channel", "type", "bytes", "data_base64")), row);
            return;
        }
        switch (message.type()) {
            case KnownMessages.TEXT -> row("text", TEXT, message, decoded.get());
            case KnownMessages.COMMENT -> row("comments", COMMENT, message, decoded.get());
            default -> row("events", EVENT, message, decoded.get());
        }
    }

    private void row(
            String name,
            List<String> columns,
            LogMessage message,
            Map<String, @Nullable Object> decoded)
            throws IOException {
        List<String> row = time(message.nanos());
        for (String column : columns) {
            Object value = decoded.get(column);
            row.add(
                    value instanceof List<?> list
                            ? new JsonText().begin().put(column, list).end().toString()
                            : value == null
                                    ? ""
                                    : value instanceof String text
                                            ? guarded(text)
                                            : value.toString());
        }
        line(file(name, columns), row);
    }

    private static List<String> time(long nanos) {
        return new ArrayList<>(List.of(Long.toString(nanos), ItemJson.time(nanos)));
    }

    @Override
    public void ticks(Signal signal, TickBlock ticks) throws IOException {
        BufferedWriter file = file(signal);
        for (int i = 0; i < ticks.count(); i++) {
            file.append(Long.toString(ticks.nanos(i)))
                    .append(',')
                    .append(Long.toString(ticks.sequence(i)));
            for (TickBlock.Column column : ticks.values()) {
                file.append(',').append(column.text(i));
            }
            file.append("\r\n");
        }
    }

    private BufferedWriter file(Signal signal) throws IOException {
        String known = signals.get(signal.number());
        if (known != null) {
            return reopened(known);
        }
        String name =
                "signal-"
                        + plain(signal.name())
                        + (signal.source().isEmpty() ? "" : "-" + plain(signal.source()));
        String free = name;
        for (int i = 2; names.contains(free.toLowerCase(Locale.ROOT)); i++) {
            free = name + "-" + i;
        }
        signals.put(signal.number(), free);
        List<String> columns = new ArrayList<>(List.of("time_ns", "sequence"));
        signal.variables().forEach(variable -> columns.add(guarded(variable.name())));
        return created(free, columns);
    }

    /** Letters, digits, dots, dashes and underscores of a name, which begins with none of dots. */
    private static String plain(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return plain.length() > LONGEST_NAME ? plain.substring(0, LONGEST_NAME) : plain;
    }

    private BufferedWriter file(String name, List<String> columns) throws IOException {
        if (names.contains(name)) {
            return reopened(name);
        }
        List<String> all = new ArrayList<>(TIME);
        all.addAll(columns);
        return created(name, all);
    }

    private BufferedWriter created(String name, List<String> columns) throws IOException {
        makeRoom();
        BufferedWriter file = Files.newBufferedWriter(path(name), StandardOpenOption.CREATE_NEW);
        open.put(name, file);
        names.add(name.toLowerCase(Locale.ROOT));
        line(file, columns);
        return file;
    }

    private BufferedWriter reopened(String name) throws IOException {
        BufferedWriter known = open.get(name);
        if (known != null) {
            return known;
        }
        makeRoom();
        BufferedWriter file = Files.newBufferedWriter(path(name), StandardOpenOption.APPEND);
        open.put(name, file);
        return file;
    }

    private Path path(String name) {
        return folder.resolve(name + ".csv");
    }

    private void makeRoom() throws IOException {
        if (open.size() >= MOST_OPEN) {
            String oldest = open.keySet().iterator().next();
            BufferedWriter file = open.remove(oldest);
            if (file != null) {
                file.close();
            }
        }
    }

    private static void line(BufferedWriter file, List<String> cells) throws IOException {
        String comma = "";
        for (String cell : cells) {
            file.append(comma).append(quoted(cell));
            comma = ",";
        }
        file.append("\r\n");
    }

    /** A text that no spreadsheet takes for a formula; it can be told from every other text. */
    private static String guarded(String text) {
        return !text.isEmpty() && GUARDED.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }

    @Override
    public void end() throws IOException {
        for (BufferedWriter file : open.values()) {
            file.flush();
        }
    }

    @Override
    public void close() throws IOException {
        try (Closing all = new Closing()) {
            open.values().forEach(file -> all.then(file::close));
        }
    }
}
