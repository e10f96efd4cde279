package dev.forebay.cli;

import java.util.Locale;

/** For whom a command prints what it found: for programs, or for people. */
enum Format {
    JSON,
    TABLE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
