package dev.forebay.bench.peers;

/** One way to hold records in memory until a list is full or its first record is 200 ms old. */
interface HeldBuffer extends AgedBuffer {
    /** More than come in while one list ages. */
    int ENDLESS = 100_000;

    /**
     * Adds {@code records} of them one by one, in a loop of its own so that no contender slows down
     * the calls of the next; lists of {@code size} come out on the same thread.
     *
     * @return how many came out
     */
    long fill(int size, long records) throws Exception;
}
