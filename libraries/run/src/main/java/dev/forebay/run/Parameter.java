package dev.forebay.run;

import java.util.Locale;

/**
 * A buffer that a program takes as an argument, through a named pipe.
 *
 * @param name lower-case letters, digits and hyphens; it is part of a file name
 */
public record Parameter(String name, Direction direction) {
    public Parameter {
        if (!name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "a buffer name consists of lower-case letters, digits and hyphens, with a"
                            + " letter or digit at both ends: "
                            + name);
        }
    }

    public static Parameter input(String name) {
        return new Parameter(name, Direction.INPUT);
    }

    public static Parameter output(String name) {
        return new Parameter(name, Direction.OUTPUT);
    }

    /** The environment variable that holds the path of the pipe. */
    public String variable() {
        return name.toUpperCase(Locale.ROOT) + "_PIPE";
    }
}
