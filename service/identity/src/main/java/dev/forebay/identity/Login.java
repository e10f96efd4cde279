package dev.forebay.identity;

import java.time.Instant;

/** What became of a login. */
public sealed interface Login {
    /**
     * The password was right.
     *
     * @param token opaque; its holder acts as the user, so {@code toString} leaves it out
     * @param expires when the token ends unless it is refreshed
     */
    record Granted(String token, Instant expires) implements Login {
        @Override
        public String toString() {
            return "Granted[expires=" + expires + "]";
        }
    }

    /** The name or the password is wrong; which of them is not said. */
    record WrongPassword() implements Login {}

    /**
     * Too many failures of this user from this source; the password was not looked at.
     *
     * @param until when the next attempt is looked at
     */
    record LockedOut(Instant until) implements Login {}

    /** Too many passwords are being checked, for too long; try again. */
    record Busy() implements Login {}
}
