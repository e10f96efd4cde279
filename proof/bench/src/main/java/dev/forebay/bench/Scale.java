package dev.forebay.bench;

/** How much a row moves and how often: a choice between exact figures and a short run. */
public enum Scale {
    /** For a table of figures: several minutes a suite. */
    FULL,
    /** For comparing two builds in many pairs: a few seconds a row. */
    QUICK,
    /** For trying the benchmarks themselves; the figures mean nothing. */
    TINY;

    public int of(int full, int quick, int tiny) {
        return switch (this) {
            case FULL -> full;
            case QUICK -> quick;
            case TINY -> tiny;
        };
    }
}
