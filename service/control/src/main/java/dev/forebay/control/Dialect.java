package dev.forebay.control;

/** Where the two databases need different SQL; all other SQL is the same for both. */
enum Dialect {
    /** One writer, so that rows need no lock. Reads what it joins by look-ups only. */
    SQLITE(""),

    /** Chooses among look-ups, hashes and merges by its own statistics. */
    POSTGRES(" for update of b");

    private final String rowLock;

    Dialect(String rowLock) {
        this.rowLock = rowLock;
    }

    /**
     * What a select of rows {@code b} ends with to lock them until its transaction ends; empty if
     * that is needless.
     */
    String rowLock() {
        return rowLock;
    }

    /**
     * Whether {@code intersect} of selects in the order of an {@code order by} reads them side by
     * side, only as far as a {@code limit} needs. PostgreSQL puts all rows of one into a hash.
     */
    boolean mergesIntersections() {
        return this == SQLITE;
    }
}
