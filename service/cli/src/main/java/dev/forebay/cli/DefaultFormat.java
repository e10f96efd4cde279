package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How commands print that were not told by {@code --format}: as the variable {@code FOREBAY_FORMAT}
 * says, else the key {@code format} in {@code $XDG_CONFIG_HOME/forebay/settings.json}, else as
 * JSON.
 */
final class DefaultFormat {
    private static final String VARIABLE = "FOREBAY_FORMAT";
    private static final String KEY = "format";

    private DefaultFormat() {}

    /** That format, which is JSON if nothing says one. */
    static Format of(Shell shell) throws IOException {
        return chosen(shell).orElse(Format.JSON);
    }

    /**
     * That format; empty: nothing says one.
     *
     * @throws IllegalArgumentException if the variable or the file says none
     */
    static Optional<Format> chosen(Shell shell) throws IOException {
        String variable = shell.variable(VARIABLE);
        if (variable != null) {
            return Optional.of(parsed(VARIABLE, variable));
        }
        Optional<Path> folder = shell.folderIfKnown("XDG_CONFIG_HOME", ".config");
        if (folder.isEmpty() || !Files.exists(folder.get().resolve("settings.json"))) {
            return Optional.empty();
        }
        Path file = folder.get().resolve("settings.json");
        Map<String, Object> settings = settings(file);
        for (String key : settings.keySet()) {
            if (!key.equals(KEY)) {
                throw new IllegalArgumentException(
                        "'%s': the key '%s' is unknown; expected %s".formatted(file, key, KEY));
            }
        }
        Object format = settings.get(KEY);
        return format == null
                ? Optional.empty()
                : Optional.of(parsed("'%s': '%s'".formatted(file, KEY), format.toString()));
    }

    private static Map<String, Object> settings(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "'%s' is not a file; expected settings".formatted(file));
        }
        try {
            return PlainJson.readObject(Files.readAllBytes(file));
        } catch (WireFormatException e) {
            throw new IllegalArgumentException(
                    "'%s' is not an object of JSON: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Format parsed(String where, String text) {
        for (Format each : Format.values()) {
            if (each.toString().equalsIgnoreCase(text.strip())) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "%s: expected json or table, found '%s'".formatted(where, text));
    }
}
