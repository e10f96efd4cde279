package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.control.ControlException.Kind;
import dev.forebay.wire.BufferId;
import java.time.Instant;
import java.util.Base64;

/**
 * A place in a listing, newest first; the next page begins behind it.
 *
 * @param micros when the last thing before the place was created
 * @param id of the last thing before the place
 */
record Cursor(long micros, String id) {
    /** Before the newest thing. */
    static final Cursor START = new Cursor(Long.MAX_VALUE, "");

    static Cursor after(Instant createdAt, String id) {
        return new Cursor(Micros.of(createdAt), id);
    }

    /** Behind all that was created at this time or later. */
    static Cursor before(Instant createdAt) {
        return new Cursor(Micros.of(createdAt), "");
    }

    /** The one of both that is further behind; the other is the place of a time. */
    Cursor orBehind(Cursor time) {
        return time.micros <= micros ? time : this;
    }

    String encode() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((micros + "," + id).getBytes(UTF_8));
    }

    static Cursor decode(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), UTF_8);
            int comma = text.indexOf(',');
            String id = text.substring(comma + 1);
            if (!BufferId.isValid(id)) {
                throw new IllegalArgumentException("not an ID: " + id);
            }
            return new Cursor(Long.parseLong(text.substring(0, Math.max(0, comma))), id);
        } catch (IllegalArgumentException e) {
            throw new ControlException(Kind.INVALID, "Invalid continuation token.", e);
        }
    }
}
