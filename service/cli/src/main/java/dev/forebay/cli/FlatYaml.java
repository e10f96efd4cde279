package dev.forebay.cli;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings in YAML: one mapping of keys to scalars or to lists of scalars, with comments.
 *
 * <p><b>Limit.</b> This is all of YAML that it takes. Nested mappings, anchors, tags and texts of
 * several lines are refused by their line, and so is a key that is given twice.
 */
final class FlatYaml {
    /** Values as they were written, without quotes; one unless it is a list. */
    record Entry(int line, List<String> values) {}

    private static final Pattern KEY =
            Pattern.compile("([A-Za-z][A-Za-z0-9_-]*)\\s*:(?:\\s+(.*))?");
    private static final Pattern ITEM = Pattern.compile("\\s*-\\s+(.+)");
    private static final Pattern QUOTED = Pattern.compile("'((?:[^']|'')*)'|\"([^\"\\\\]*)\"");
    private static final int LARGEST_FILE = 1 << 20;

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private @Nullable String openList;

    private FlatYaml(Path file) {
        this.file = file;
    }

    /**
     * The entries of the file by their keys, in its order.
     *
     * @throws IllegalArgumentException if the file is anything else; names the line
     */
    static Map<String, Entry> read(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new IllegalArgumentException("there is no file of settings '%s'".formatted(file));
        }
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_FILE) {
            throw new IllegalArgumentException(
                    "'%s' is %s; expected a file of settings of at most 1 MiB"
                            .formatted(
                                    file,
                                    Files.isDirectory(file)
                                            ? "a folder"
                                            : "no regular file, or larger"));
        }
        FlatYaml yaml = new FlatYaml(file);
        int number = 0;
        for (String line : lines(file)) {
            number++;
            yaml.take(number, withoutComment(line).stripTrailing());
        }
        return yaml.entries;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException(
                    "'%s' has bytes that are not UTF-8; expected settings in UTF-8".formatted(file),
                    e);
        }
    }

    private void take(int number, String line) {
        Matcher item = ITEM.matcher(line);
        Matcher key = KEY.matcher(line);
        if (line.isBlank() || line.equals("---") && entries.isEmpty()) {
            return;
        }
        if (openList != null && item.matches()) {
            String name = openList;
            Entry before = entries.getOrDefault(name, new Entry(number, List.of()));
            List<String> values = new ArrayList<>(before.values());
            values.add(scalar(number, item.group(1)));
            entries.put(name, new Entry(before.line(), List.copyOf(values)));
            return;
        }
        if (!key.matches()) {
            String where = Character.isWhitespace(line.charAt(0)) ? " behind blanks or a tab" : "";
            throw wrong(file, number, "expected KEY: VALUE, found '" + line.strip() + "'" + where);
        }
        String name = key.group(1);
        String value = key.group(2) == null ? "" : key.group(2).strip();
        Entry entry = new Entry(number, value.isEmpty() ? List.of() : values(number, value));
        openList = value.isEmpty() ? name : null;
        if (entries.putIfAbsent(name, entry) != null) {
            throw wrong(file, number, "the key '" + name + "' is there twice");
        }
    }

    private List<String> values(int number, String value) {
        if (!value.startsWith("[")) {
            return List.of(scalar(number, value));
        }
        if (!value.endsWith("]")) {
            throw wrong(file, number, "expected a list on one line, such as [a, b]");
        }
        String inside = value.substring(1, value.length() - 1).strip();
        List<String> values = new ArrayList<>();
        for (String each : inside.isEmpty() ? new String[0] : inside.split(",")) {
            values.add(scalar(number, each.strip()));
        }
        return List.copyOf(values);
    }

    private String scalar(int number, String text) {
        Matcher quoted = QUOTED.matcher(text);
        if (quoted.matches()) {
            return quoted.group(1) != null
                    ? quoted.group(1).replace("''", "'")
                    : String.valueOf(quoted.group(2));
        }
        if (text.isEmpty()
                || "'\"&*!|>{}[]%@`#".indexOf(text.charAt(0)) >= 0
                || text.contains(": ")) {
            throw wrong(
                    file,
                    number,
                    "expected a plain or quoted value on this line, found '" + text + "'");
        }
        return text;
    }

    /** A comment begins at a {@code #} at the beginning or behind a blank, outside of quotes. */
    private static String withoutComment(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            boolean atStart = i == 0 || Character.isWhitespace(line.charAt(i - 1));
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if ((c == '\'' || c == '"') && (atStart || line.charAt(i - 1) == c)) {
                quote = c;
            } else if (c == '#' && atStart) {
                return line.substring(0, i);
            }
        }
        return line;
    }

    /** What is wrong at a line of the file. */
    static IllegalArgumentException wrong(Path file, int line, String what) {
        return new IllegalArgumentException("%s:%d: %s".formatted(file, line, what));
    }
}
