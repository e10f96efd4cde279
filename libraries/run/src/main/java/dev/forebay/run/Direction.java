package dev.forebay.run;

/** Which way the bytes of a buffer go, seen from the program. */
public enum Direction {
    INPUT,
    OUTPUT
}
