package dev.forebay.bench.peers;

import java.util.List;
import java.util.function.Consumer;

/** One way to hold records in memory until a list is full or its first record is 200 ms old. */
interface HeldBuffer {
    long AGE_MILLIS = 200;

    /** More than come in while one list ages. */
    int ENDLESS = 100_000;

    /**
     * Adds {@code records} of them one by one, in a loop of its own so that no contender slows down
     * the calls of the next; lists of {@code size} come out on the same thread.
     *
     * @return how many came out
     */
    long fill(int size, long records) throws Exception;

    /** Opens one that only age releases, and that gives each list to {@code released}. */
    Open open(Consumer<List<byte[]>> released);

    /** An open buffer; one thread adds. */
    interface Open extends AutoCloseable {
        void add(byte[] record);

        @Override
        void close() throws InterruptedException;
    }
}
