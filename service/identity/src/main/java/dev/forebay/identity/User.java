package dev.forebay.identity;

import java.time.Instant;

/**
 * One user as a list shows it.
 *
 * @param passwordSet when the password was set last
 */
public record User(String name, Instant passwordSet) {}
