package dev.forebay.blobhttp;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Dates of HTTP headers. The answers of one second carry the same text, which takes as long to
 * parse as all other headers together, so the last one is kept with its meaning. Safe for use by
 * many threads.
 */
final class LastDate {
    private record Parsed(String text, Instant moment) {}

    private volatile @Nullable Parsed last;

    /**
     * The moment that {@code text} names.
     *
     * @throws java.time.DateTimeException if it names none
     */
    Instant parse(String text) {
        Parsed known = last;
        if (known == null || !known.text().equals(text)) {
            Instant moment =
                    Objects.requireNonNull(
                            DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
            known = new Parsed(text, moment);
            last = known;
        }
        return known.moment();
    }
}
