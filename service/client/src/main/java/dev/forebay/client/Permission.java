package dev.forebay.client;

/** What an access URL allows. */
public enum Permission {
    /** Reading alone. */
    READ,
    /** Reading and writing. */
    WRITE
}
