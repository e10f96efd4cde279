package dev.forebay.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.TypeConversionException;

/**
 * A time of the log: as text of RFC 3339, in nanoseconds since 1970, or as how long ago it was by
 * the clock of this machine.
 */
final class LogTime extends OptionValues.Converter<Long> {
    LogTime() {
        super(LogTime::parse);
    }

    static long parse(String text) {
        if (text.matches("-?[0-9]{1,19}")) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw wrong(text);
            }
        }
        try {
            if (text.matches("[0-9.]+(ns|us|ms|s|m|h)[0-9.a-z]*")) {
                return nanos(Instant.now().minus(duration(text)));
            }
            return nanos(Instant.parse(text));
        } catch (DateTimeParseException | ArithmeticException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "'%s' is not a time; expected such as 2026-01-31T10:00:00Z, 1769853600000000000 (nanoseconds since 1970), or 15m for 15 minutes ago"
                        .formatted(text));
    }

    private static Duration duration(String text) {
        try {
            return new OptionValues.Time().convert(text);
        } catch (TypeConversionException e) {
            throw wrong(text);
        }
    }

    static long nanos(Instant time) {
        return Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), TimeUnit.SECONDS.toNanos(1)),
                time.getNano());
    }

    /** A time as text. */
    static String text(long nanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        return Instant.ofEpochSecond(Math.floorDiv(nanos, second), Math.floorMod(nanos, second))
                .toString();
    }
}
