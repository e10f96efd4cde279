package dev.forebay.run;

import java.util.Locale;

/**
 * A buffer that a program takes as an argument, through a named pipe.
 *
 * @param name lower-case letters, digits and hyphens; it is part of a file name
 * @param direction whether the program reads or writes it
 */
public record Parameter(String name, Direction direction) {
    /** Checks the name. */
    public Parameter {
        if (!name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "a buffer name consists of lower-case letters, digits and hyphens, with a"
                            + " letter or digit at both ends: "
                            + name);
        }
    }

    /**
     * A buffer that the program reads.
     *
     * @param name of the parameter
     * @return that parameter
     */
    public static Parameter input(String name) {
        return new Parameter(name, Direction.INPUT);
    }

    /**
     * A buffer that the program writes.
     *
     * @param name of the parameter
     * @return that parameter
     */
    public static Parameter output(String name) {
        return new Parameter(name, Direction.OUTPUT);
    }

    /** {@return the environment variable that holds the path of the pipe} */
    public String variable() {
        return name.toUpperCase(Locale.ROOT) + "_PIPE";
    }
}
