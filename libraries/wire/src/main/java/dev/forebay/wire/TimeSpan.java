package dev.forebay.wire;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as the reference's server writes and reads them: {@code [d.]hh:mm[:ss[.fffffff]]}, and
 * a bare whole number of days. Never negative here.
 */
public final class TimeSpan {
    private static final Pattern DAYS = Pattern.compile("[0-9]{1,8}");
    private static final Pattern CLOCK =
            Pattern.compile(
                    "(?:([0-9]{1,8})\\.)?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\\.([0-9]{1,7}))?)?");

    /** The most that the reference's type holds. */
    private static final long MOST_DAYS = 10_675_199;

    private static final int TICK_DIGITS = 7;
    private static final int NANOS_PER_TICK = 100;

    private TimeSpan() {}

    /**
     * Reads a duration.
     *
     * @param text such as {@code 1.00:00:00}
     * @return the duration
     * @throws IllegalArgumentException if it is none; the message says what was expected
     */
    public static Duration parse(String text) {
        String stripped = text.strip();
        if (DAYS.matcher(stripped).matches()) {
            return Duration.ofDays(days(stripped, text));
        }
        Matcher m = CLOCK.matcher(stripped);
        if (!m.matches()) {
            throw bad(text);
        }
        String fraction = m.group(5) == null ? "" : m.group(5);
        long ticks =
                Long.parseLong(fraction + "0".repeat(TICK_DIGITS - fraction.length()))
                        * NANOS_PER_TICK;
        return Duration.ofDays(m.group(1) == null ? 0 : days(m.group(1), text))
                .plusHours(below(24, m.group(2), text))
                .plusMinutes(below(60, m.group(3), text))
                .plusSeconds(m.group(4) == null ? 0 : below(60, m.group(4), text))
                .plusNanos(ticks);
    }

    /**
     * In the one form that is written: {@code 00:01:00}, {@code 1.00:00:00}.
     *
     * @param duration any
     * @return its text
     */
    public static String format(Duration duration) {
        StringBuilder text = new StringBuilder();
        if (duration.toDays() > 0) {
            text.append(duration.toDays()).append('.');
        }
        text.append(
                "%02d:%02d:%02d"
                        .formatted(
                                duration.toHoursPart(),
                                duration.toMinutesPart(),
                                duration.toSecondsPart()));
        int ticks = duration.toNanosPart() / NANOS_PER_TICK;
        if (ticks > 0) {
            text.append(".%07d".formatted(ticks));
        }
        return text.toString();
    }

    private static long days(String digits, String text) {
        long days = Long.parseLong(digits);
        if (days > MOST_DAYS) {
            throw bad(text);
        }
        return days;
    }

    private static long below(int limit, String digits, String text) {
        int value = Integer.parseInt(digits);
        if (value >= limit) {
            throw bad(text);
        }
        return value;
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "not a duration: '"
                        + text.substring(0, Math.min(text.length(), 40))
                        + "'; expected whole days, or [d.]hh:mm[:ss[.f]] with at most "
                        + MOST_DAYS
                        + " days");
    }
}
