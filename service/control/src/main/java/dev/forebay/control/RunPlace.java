package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.control.ControlException.Kind;
import java.util.Base64;

/**
 * A place in a listing of runs, newest first; the next page begins behind it.
 *
 * @param micros when the last run before the place was created, or finished
 * @param id of the last run before the place
 */
record RunPlace(long micros, long id) {
    /** Before the newest run. */
    static final RunPlace START = new RunPlace(Long.MAX_VALUE, Long.MAX_VALUE);

    String encode() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((micros + "," + id).getBytes(UTF_8));
    }

    static RunPlace decode(String token) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(token), UTF_8).split(",", 2);
            if (parts.length == 2) {
                return new RunPlace(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
            }
        } catch (IllegalArgumentException e) {
            throw new ControlException(Kind.INVALID, "Invalid continuation token.", e);
        }
        throw new ControlException(Kind.INVALID, "Invalid continuation token.");
    }

    /** The later place of this one and the one before everything at {@code time}. */
    RunPlace orBefore(long time) {
        return micros < time ? this : new RunPlace(time, Long.MIN_VALUE);
    }
}
