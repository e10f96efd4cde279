package dev.forebay.run;

/** Which way the bytes of a buffer go, seen from the program. */
public enum Direction {
    /** The program reads the buffer. */
    INPUT,
    /** The program writes the buffer. */
    OUTPUT
}
