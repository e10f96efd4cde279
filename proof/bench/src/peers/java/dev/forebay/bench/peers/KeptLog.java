package dev.forebay.bench.peers;

import java.util.List;
import java.util.function.Consumer;

/** A log of records in files, opened at one level: Forebay's, a floor or a peer. */
interface KeptLog extends AutoCloseable {
    /** Returns when the record has reached the level. Safe for use by many threads. */
    void append(byte[] record) throws Exception;

    /** Appends several records, in one call if the log has such a call. */
    default void append(List<byte[]> records) throws Exception {
        for (byte[] record : records) {
            append(record);
        }
    }

    /** Waits for records that {@link #append} only handed on. This time counts. */
    default void settle() throws Exception {}

    /** Passes every record in order. Called once, at the end. */
    void readBack(Consumer<byte[]> each) throws Exception;

    @Override
    void close() throws Exception;
}
