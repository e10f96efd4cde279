package dev.forebay.bench.peers;

import java.util.List;
import java.util.function.Consumer;

/** A buffer that releases a list when its first record is 200 ms old. */
interface AgedBuffer {
    long AGE_MILLIS = 200;

    /** Opens a buffer that only age releases; {@code released} gets each list. */
    Open open(Consumer<List<byte[]>> released);

    /** An open buffer; one thread adds. */
    interface Open extends AutoCloseable {
        void add(byte[] record);

        @Override
        void close() throws InterruptedException;
    }
}
