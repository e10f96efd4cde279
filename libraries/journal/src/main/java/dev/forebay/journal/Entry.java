package dev.forebay.journal;

/** What stands at a position of a journal: a {@link Frame}, or a {@link Gap} where some were. */
public sealed interface Entry permits Frame, Gap {
    /** The sequence number of the (first) frame, from 1. */
    long sequence();

    /** The sequence number of the entry after this one. */
    long next();
}
