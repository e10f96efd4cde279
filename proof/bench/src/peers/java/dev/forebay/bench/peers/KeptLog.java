package dev.forebay.bench.peers;

import java.util.List;
import java.util.function.Consumer;

/** One way to keep records in files, ours, a floor or a peer's, opened at one level. */
interface KeptLog extends AutoCloseable {
    /** Returns when the record is kept at the level. May be called by many threads. */
    void append(byte[] record) throws Exception;

    /** The same for several, in one call if there is such a call. */
    default void append(List<byte[]> records) throws Exception {
        for (byte[] record : records) {
            append(record);
        }
    }

    /** Waits for what {@link #append} only handed on; its time counts. */
    default void settle() throws Exception {}

    /** Gives every record in order; called once, last. */
    void readBack(Consumer<byte[]> each) throws Exception;

    @Override
    void close() throws Exception;
}
