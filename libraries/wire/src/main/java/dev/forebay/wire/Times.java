package dev.forebay.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** Times in JSON: RFC 3339, written in one form with microseconds, read with any offset. */
public final class Times {
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    private Times() {}

    /**
     * Such as {@code 2024-01-25T18:20:49.951262+00:00}.
     *
     * @param time any
     * @return its text, in UTC
     */
    public static String format(Instant time) {
        return FORM.format(time);
    }

    /**
     * Reads a time.
     *
     * @param text as RFC 3339 has it
     * @return the instant
     * @throws IllegalArgumentException if it is none; the message says what was expected
     */
    public static Instant parse(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            int at = e instanceof DateTimeParseException parsed ? parsed.getErrorIndex() : 0;
            throw new IllegalArgumentException(
                    "not a time: '%s', wrong at character %d; expected RFC 3339 such as 2024-01-25T18:20:49Z"
                            .formatted(text.substring(0, Math.min(text.length(), 40)), at + 1),
                    e);
        }
    }
}
