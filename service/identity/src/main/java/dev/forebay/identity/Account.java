package dev.forebay.identity;

import java.time.Instant;

/**
 * A user as it is kept.
 *
 * @param passwordId random, new with each password; tokens name it, so that they end with it
 */
record Account(String name, Instant passwordSet, PasswordId passwordId, PasswordHash password) {
    User shown() {
        return new User(name, passwordSet);
    }
}
