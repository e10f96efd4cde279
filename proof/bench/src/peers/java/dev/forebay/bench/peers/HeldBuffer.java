package dev.forebay.bench.peers;

import java.util.List;

/** One way to hold records in memory until a list is full or its first record is 200 ms old. */
interface HeldBuffer {
    long AGE_MILLIS = 200;

    /**
     * Adds {@code records} of them one by one, in a loop of its own so that no contender slows down
     * the calls of the next; lists of {@code size} come out on the same thread.
     *
     * @return how many came out
     */
    long fill(int size, long records) throws Exception;

    /**
     * Adds one record {@code times} times, each after the one before came out, with nothing else
     * going on, and notes in {@code late} how many nanoseconds after its age each came out.
     */
    void age(int times, List<Long> late) throws Exception;
}
