package dev.forebay.cli;

import dev.forebay.cli.LogLines.Level;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * {@code --log-level} and {@code --log-format}, which every command takes anywhere on its line, as
 * the reference's do. They are looked for before the line is parsed, so they also hold for what is
 * said of a wrong line.
 *
 * @param level lines below it are dropped
 * @param json whether lines become objects of JSON
 */
record LogOptions(Level level, boolean json) {
    static final String LEVEL = "--log-level";
    static final String FORMAT = "--log-format";

    private static final Set<String> FORMATS = Set.of("pretty", "plain", "text", "json");

    /** True if one of them is among the arguments. */
    static boolean areIn(String... args) {
        return value(LEVEL, args).isPresent() || value(FORMAT, args).isPresent();
    }

    /** Those of the arguments. A word that is none is left to the parser, which refuses it. */
    static LogOptions of(String... args) {
        String level = value(LEVEL, args).orElse("info").toUpperCase(Locale.ROOT);
        boolean known = Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR").contains(level);
        return new LogOptions(
                known ? Level.valueOf(level) : Level.INFO,
                value(FORMAT, args).filter("json"::equalsIgnoreCase).isPresent());
    }

    private static Optional<String> value(String option, String... args) {
        for (int i = 0; i < args.length && !args[i].equals("--"); i++) {
            if (args[i].startsWith(option + "=")) {
                return Optional.of(args[i].substring(option.length() + 1));
            }
            if (args[i].equals(option)) {
                return Optional.of(i + 1 < args.length ? args[i + 1] : "");
            }
        }
        return Optional.empty();
    }

    /** The words of the formats, for the completion of the shell. */
    static final class FormatWords implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return FORMATS.iterator();
        }
    }

    /**
     * Formats are those of the reference; its {@code pretty} and {@code plain} look alike here, and
     * {@code text} is both.
     */
    static final class FormatWord extends OptionValues.Converter<String> {
        FormatWord() {
            super(FormatWord::parse);
        }

        private static String parse(String text) {
            String word = text.toLowerCase(Locale.ROOT);
            if (!FORMATS.contains(word)) {
                throw new IllegalArgumentException(
                        "expected pretty, plain, text or json, found '%s'".formatted(text));
            }
            return word;
        }
    }
}
