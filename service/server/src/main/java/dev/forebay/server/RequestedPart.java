package dev.forebay.server;

import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BlobHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of something a GET asks for, by {@code If-Match}, {@code If-None-Match}, {@code
 * Range} and {@code If-Range} as RFC 9110 has them. {@code x-ms-range}, which clients of other
 * stores send, is a {@code Range} that goes first.
 *
 * <p><b>Limit.</b> Of several ranges in one header none is served: the answer is the whole, as the
 * RFC allows.
 */
sealed interface RequestedPart {
    /** All of it: 200. */
    record Whole() implements RequestedPart {}

    /** {@code count} bytes, 1 or more, from byte {@code from} on: 206. */
    record Part(long from, long count) implements RequestedPart {}

    /** No byte of the range exists: 416. */
    record Beyond() implements RequestedPart {}

    /** The client has it already: 304. */
    record Known() implements RequestedPart {}

    /** It is not what the client means: 412. */
    record Other() implements RequestedPart {}

    Pattern RANGE = Pattern.compile("bytes\\s*=\\s*([0-9]*)\\s*-\\s*([0-9]*)\\s*");

    /**
     * What {@code exchange} asks for of something.
     *
     * @param etag with its quotation marks
     */
    static RequestedPart of(Exchange exchange, String etag, Instant modified, long size) {
        String match = exchange.header("If-Match");
        if (match != null && !names(match, etag)) {
            return new Other();
        }
        String noneMatch = exchange.header(Headers.IF_NONE_MATCH);
        if (noneMatch != null && names(noneMatch, etag)) {
            return new Known();
        }
        String ofStore = exchange.header(BlobHeaders.RANGE);
        String range = ofStore != null ? ofStore : exchange.header("Range");
        if (range == null || !stillMeant(exchange.header("If-Range"), etag, modified)) {
            return new Whole();
        }
        return parse(range, size);
    }

    private static boolean names(String list, String etag) {
        return list.strip().equals("*")
                || Arrays.stream(list.split(",", -1))
                        .map(String::strip)
                        .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                        .anyMatch(etag::equals);
    }

    private static boolean stillMeant(@Nullable String condition, String etag, Instant modified) {
        if (condition == null || condition.strip().equals(etag)) {
            return true;
        }
        try {
            return ZonedDateTime.parse(condition.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .equals(modified.truncatedTo(ChronoUnit.SECONDS));
        } catch (DateTimeException e) {
            return false; // Another tag: the range is of something else.
        }
    }

    private static RequestedPart parse(String range, long size) {
        Matcher m = RANGE.matcher(range.strip());
        if (!m.matches() || m.group(1).isEmpty() && m.group(2).isEmpty()) {
            return new Whole(); // As the RFC says of what is no range of bytes.
        }
        if (m.group(1).isEmpty()) {
            long last = Math.min(number(m.group(2)), size);
            return last == 0 ? new Beyond() : new Part(size - last, last);
        }
        long from = number(m.group(1));
        long to = m.group(2).isEmpty() ? Long.MAX_VALUE : number(m.group(2));
        if (to < from) {
            return new Whole();
        }
        return from >= size ? new Beyond() : new Part(from, Math.min(to, size - 1) - from + 1);
    }

    private static long number(String digits) {
        return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
    }
}
