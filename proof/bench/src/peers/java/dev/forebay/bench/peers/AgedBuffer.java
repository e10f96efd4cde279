package dev.forebay.bench.peers;

import java.util.List;
import java.util.function.Consumer;

/** One way to let a list go when its first record is 200 ms old. */
interface AgedBuffer {
    long AGE_MILLIS = 200;

    /** Opens one that only age releases, and that gives each list to {@code released}. */
    Open open(Consumer<List<byte[]>> released);

    /** An open buffer; one thread adds. */
    interface Open extends AutoCloseable {
        void add(byte[] record);

        @Override
        void close() throws InterruptedException;
    }
}
