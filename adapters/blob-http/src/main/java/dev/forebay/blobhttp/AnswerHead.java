package dev.forebay.blobhttp;

import dev.forebay.base.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The status line and the headers of an answer.
 *
 * @param version the minor version of HTTP/1
 * @param headers by their names in lower case
 */
record AnswerHead(int version, int status, Map<String, List<String>> headers) {
    private static final String HTTP = "HTTP/1.";

    /** Characters of a status line up to the end of the status. */
    private static final int STATUS_END = "HTTP/1.1 200".length();

    private static final int LONGEST_LENGTH = 18;
    private static final String NAME_MARKS = "!#$%&'*+.^_`|~-";

    /**
     * Reads a head up to and including its empty line.
     *
     * @throws MalformedAnswerException if it is none
     */
    static AnswerHead parse(byte[] bytes, int length) throws MalformedAnswerException {
        String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        int at = text.indexOf('\n') + 1;
        String first = line(text, 0, at);
        if (!isStatusLine(first)) {
            throw new MalformedAnswerException(
                    "expected a status line, found '" + shown(first) + "'");
        }
        Map<String, List<String>> headers = new TreeMap<>();
        while (at > 0) {
            int next = text.indexOf('\n', at) + 1;
            String line = line(text, at, next);
            if (line.isEmpty()) {
                break;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon);
            String value = line.substring(colon + 1).strip();
            if (!isName(name) || hasControl(value, 0)) {
                throw new MalformedAnswerException(
                        "expected a header, found '" + shown(line) + "'");
            }
            headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>(1))
                    .add(value);
            at = next;
        }
        int version = first.charAt(HTTP.length()) - '0';
        return new AnswerHead(
                version, Integer.parseInt(first, STATUS_END - 3, STATUS_END, 10), headers);
    }

    /** The line from {@code from}, whose line feed is before {@code next}; 0 if it has none. */
    private static String line(String text, int from, int next) {
        int end = next == 0 ? text.length() : next - 1;
        boolean returned = next > 0 && end > from && text.charAt(end - 1) == '\r';
        return text.substring(from, returned ? end - 1 : end);
    }

    private static boolean isStatusLine(String line) {
        return line.startsWith(HTTP)
                && line.length() >= STATUS_END
                && isBetween(line.charAt(7), '0', '1')
                && line.charAt(8) == ' '
                && isBetween(line.charAt(9), '1', '5')
                && isBetween(line.charAt(10), '0', '9')
                && isBetween(line.charAt(11), '0', '9')
                && (line.length() == STATUS_END
                        || line.charAt(STATUS_END) == ' ' && !hasControl(line, STATUS_END));
    }

    private static boolean isBetween(char c, char first, char last) {
        return first <= c && c <= last;
    }

    private static boolean isName(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isBetween(c, 'a', 'z')
                    && !isBetween(c, 'A', 'Z')
                    && !isBetween(c, '0', '9')
                    && NAME_MARKS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean hasControl(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                return true;
            }
        }
        return false;
    }

    private static String shown(String line) {
        return Printable.of(line.substring(0, Math.min(line.length(), 100)));
    }

    /** The first header of that name, compared without case. */
    Optional<String> first(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(List::getFirst);
    }

    /** Whether the other side leaves the connection open after this answer. */
    boolean keepsOpen() {
        List<String> said = headers.getOrDefault("connection", List.of());
        return version == 1
                && said.stream().noneMatch(s -> s.toLowerCase(Locale.ROOT).contains("close"));
    }

    /** Whether the body comes in chunks, the only coding that is understood. */
    boolean isChunked() throws MalformedAnswerException {
        List<String> codings = headers.getOrDefault("transfer-encoding", List.of());
        if (codings.isEmpty()) {
            return false;
        }
        if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
            throw new MalformedAnswerException(
                    "expected Transfer-Encoding chunked, found '"
                            + shown(String.join(", ", codings))
                            + "'");
        }
        return true;
    }

    /** The announced length of the body. */
    OptionalLong length() throws MalformedAnswerException {
        List<String> lengths = headers.getOrDefault("content-length", List.of());
        if (lengths.isEmpty()) {
            return OptionalLong.empty();
        }
        String length = lengths.getFirst();
        if (!isLength(length) || lengths.stream().anyMatch(other -> !other.equals(length))) {
            throw new MalformedAnswerException(
                    "expected one Content-Length, found '"
                            + shown(String.join(", ", lengths))
                            + "'");
        }
        return OptionalLong.of(Long.parseLong(length));
    }

    private static boolean isLength(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isBetween(text.charAt(i), '0', '9')) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= LONGEST_LENGTH;
    }
}
