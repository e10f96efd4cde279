package dev.forebay.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Settings of a command line, {@code --name=value} each, and the other words in their order.
 *
 * @param words what is no setting: the names of rows, for example
 */
public record Settings(Map<String, String> values, List<String> words) {
    /** Refuses settings whose names are not in {@code known}. */
    public static Settings parse(String[] arguments, Set<String> known) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String argument : arguments) {
            if (argument.startsWith("--")) {
                int equals = argument.indexOf('=');
                String name = equals < 0 ? argument : argument.substring(0, equals);
                if (equals < 0 || !known.contains(name.substring(2))) {
                    throw new IllegalArgumentException(
                            "expected --NAME=VALUE with NAME one of %s, found '%s'"
                                    .formatted(known.stream().sorted().toList(), argument));
                }
                values.put(name.substring(2), argument.substring(equals + 1));
            }
        }
        return new Settings(
                values, Arrays.stream(arguments).filter(word -> !word.startsWith("--")).toList());
    }

    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** {@code --scale}. */
    public Scale scale(Scale otherwise) {
        return Scale.valueOf(get("scale", otherwise.name()).toUpperCase(Locale.ROOT));
    }

    /** {@code --directory}: a folder on the disk to measure. */
    public Path directory() {
        return Path.of(get("directory", System.getProperty("java.io.tmpdir"))).toAbsolutePath();
    }
}
