package dev.forebay.blobhttp;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * How long a server asks to be left alone, in seconds or until a date by its own clock. One day at
 * most; what cannot be read asks for nothing.
 */
final class RetryAfter {
    static final String HEADER = "Retry-After";

    private static final Duration LONGEST = Duration.ofDays(1);

    private RetryAfter() {}

    static Optional<Duration> of(HttpAnswer answer) {
        return answer.first(HEADER)
                .map(String::strip)
                .flatMap(text ->
                        text.matches("[0-9]{1,9}")
                                ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
                                : until(text, answer))
                .map(asked -> asked.compareTo(LONGEST) < 0 ? asked : LONGEST);
    }

    private static Optional<Duration> until(String date, HttpAnswer answer) {
        return answer.first("Date")
                .flatMap(RetryAfter::parsed)
                .flatMap(now -> parsed(date).map(then -> Duration.between(now, then)))
                .filter(Duration::isPositive);
    }

    private static Optional<Instant> parsed(String date) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty(); // It only asks; the class of the fault is told all the same.
        }
    }
}
