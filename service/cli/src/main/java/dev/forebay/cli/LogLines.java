package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Standard error as a log: drops lines below a level, and writes the others as they are or as one
 * object of JSON a line. Signatures of access URLs, tokens and passwords are left out.
 *
 * <p>The level of a line is told by its beginning: {@code Error:}, {@code Warning:}, {@code
 * Debug:}; any other line is information.
 */
final class LogLines extends Writer {
    /** How much is said; each level holds those after it. */
    enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Pattern SECRET =
            Pattern.compile(
                    "((?:[?&]sig=)|(?:Authorization: *(?:Bearer|Basic) +)|(?:password=))[^&\\s\"']+",
                    Pattern.CASE_INSENSITIVE);

    /** As in {@code http://name:password@proxy:3128}. */
    private static final Pattern PASSWORD_OF_URL = Pattern.compile("(://[^/@\\s:]*:)[^/@\\s]+@");

    private final Writer to;
    private final Level least;
    private final boolean json;
    private final StringBuilder line = new StringBuilder();

    LogLines(Writer to, Level least, boolean json) {
        this.to = to;
        this.least = least;
        this.json = json;
    }

    /** The text without its secrets. */
    static String redacted(String text) {
        Matcher secret = SECRET.matcher(text);
        return PASSWORD_OF_URL.matcher(secret.replaceAll("$1...")).replaceAll("$1...@");
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        synchronized (lock) {
            for (int i = from; i < from + length; i++) {
                if (text[i] == '\n') {
                    end();
                } else {
                    line.append(text[i]);
                }
            }
        }
    }

    private void end() throws IOException {
        String text = redacted(line.toString());
        line.setLength(0);
        Level level = level(text);
        if (level.compareTo(least) < 0) {
            return;
        }
        to.write(json ? object(level, text) : text);
        to.write('\n');
        to.flush();
    }

    private static Level level(String text) {
        if (text.startsWith("Error:")) {
            return Level.ERROR;
        }
        if (text.startsWith("Warning:")) {
            return Level.WARN;
        }
        return text.startsWith("Debug:") ? Level.DEBUG : Level.INFO;
    }

    private static String object(Level level, String text) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("time", Instant.now().toString());
        object.put("level", level.word());
        object.put("message", text.replaceFirst("^(Error|Warning|Debug): ", ""));
        return new String(PlainJson.write(object), UTF_8);
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void close() throws IOException {
        synchronized (lock) {
            if (!line.isEmpty()) {
                end();
            }
        }
        to.close();
    }
}
