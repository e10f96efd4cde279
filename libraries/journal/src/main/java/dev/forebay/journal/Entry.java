package dev.forebay.journal;

/** What stands at a position of a journal: a {@link Frame}, or a {@link Gap} where some were. */
public sealed interface Entry permits Frame, Gap {
    /** {@return the sequence number of the (first) frame, from 1} */
    long sequence();

    /** {@return the sequence number of the entry after this one} */
    long next();
}
