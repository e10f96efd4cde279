package dev.forebay.blobhttp;

import dev.forebay.base.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The status line and the headers of an answer.
 *
 * @param version the minor version of HTTP/1
 * @param headers by their names in lower case
 */
record AnswerHead(int version, int status, Map<String, List<String>> headers) {
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.([01]) ([1-5][0-9][0-9])( [^\\x00-\\x08\\x0a-\\x1f]*)?");
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /**
     * Reads a head up to and including its empty line.
     *
     * @throws MalformedAnswerException if it is none
     */
    static AnswerHead parse(byte[] bytes, int length) throws MalformedAnswerException {
        String[] lines =
                new String(bytes, 0, length, StandardCharsets.ISO_8859_1).split("\r?\n", -1);
        Matcher first = STATUS_LINE.matcher(lines[0]);
        if (!first.matches()) {
            throw new MalformedAnswerException(
                    "expected a status line, found '" + shown(lines[0]) + "'");
        }
        Map<String, List<String>> headers = new TreeMap<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon);
            String value = lines[i].substring(colon + 1).strip();
            if (!NAME.matcher(name).matches() || CONTROL.matcher(value).find()) {
                throw new MalformedAnswerException(
                        "expected a header, found '" + shown(lines[i]) + "'");
            }
            headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(value);
        }
        return new AnswerHead(
                Integer.parseInt(first.group(1)), Integer.parseInt(first.group(2)), headers);
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
        String words = String.join(",", said).toLowerCase(Locale.ROOT);
        return version == 1 && !words.contains("close");
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
        Set<String> lengths = new HashSet<>(headers.getOrDefault("content-length", List.of()));
        if (lengths.isEmpty()) {
            return OptionalLong.empty();
        }
        String length = lengths.iterator().next();
        if (lengths.size() > 1 || !LENGTH.matcher(length).matches()) {
            throw new MalformedAnswerException(
                    "expected one Content-Length, found '"
                            + shown(String.join(", ", lengths))
                            + "'");
        }
        return OptionalLong.of(Long.parseLong(length));
    }
}
