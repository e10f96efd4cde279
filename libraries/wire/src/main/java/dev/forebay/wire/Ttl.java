package dev.forebay.wire;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lifetimes as the command line takes them: {@code D}, {@code D.HH}, {@code D.HH:MM} or {@code
 * D.HH:MM:SS}, two digits each but for the days; blanks around do not matter.
 */
public final class Ttl {
    private static final Pattern FORM =
            Pattern.compile(
                    "([0-9]{1,8})(?:\\.([01][0-9]|2[0-3])(?::([0-5][0-9])(?::([0-5][0-9]))?)?)?");

    private Ttl() {}

    /**
     * Reads a lifetime.
     *
     * @param text such as {@code 7} or {@code 0.00:30}
     * @return the duration, 0 or more
     * @throws IllegalArgumentException if it is none; the message says what was expected
     */
    public static Duration parse(String text) {
        Matcher m = FORM.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "not a lifetime: '"
                            + text
                            + "'; expected D, D.HH, D.HH:MM or D.HH:MM:SS, such as 7 or 0.12:30");
        }
        return Duration.ofDays(part(m, 1))
                .plusHours(part(m, 2))
                .plusMinutes(part(m, 3))
                .plusSeconds(part(m, 4));
    }

    private static long part(Matcher m, int group) {
        return m.group(group) == null ? 0 : Long.parseLong(m.group(group));
    }

    /**
     * As it is sent: {@code D.HH:MM:SS}.
     *
     * @param duration 0 or more
     * @return its text
     */
    public static String format(Duration duration) {
        return "%d.%02d:%02d:%02d"
                .formatted(
                        duration.toDays(),
                        duration.toHoursPart(),
                        duration.toMinutesPart(),
                        duration.toSecondsPart());
    }
}
