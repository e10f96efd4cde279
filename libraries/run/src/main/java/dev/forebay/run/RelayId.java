package dev.forebay.run;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ID of an ephemeral buffer, {@code run-N-temp-X}: it has no container, and its bytes go
 * through a {@link Relay} of its run.
 *
 * @param run its number
 * @param unique small letters and digits
 */
public record RelayId(long run, String unique) {
    private static final Pattern FORM = Pattern.compile("run-([0-9]{1,18})-temp-([a-z0-9]{1,63})");

    /**
     * The ID that a text is.
     *
     * @param text any
     * @return empty if the text is another ID
     */
    public static Optional<RelayId> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(new RelayId(Long.parseLong(form.group(1)), form.group(2)))
                : Optional.empty();
    }

    /**
     * The ID.
     *
     * @return its text
     */
    public String text() {
        return "run-%d-temp-%s".formatted(run, unique);
    }
}
