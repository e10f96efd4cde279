package dev.forebay.record.outlet;

import java.util.List;

/**
 * Records that were released together, in the order of acceptance.
 *
 * <p><b>Guarantee.</b> Immutable. From a buffer on a journal, the same id means the same records,
 * also after a crash, so that a sink which stores the id with the data can drop what it has
 * already.
 *
 * @param <T> the type of record
 */
public interface Batch<T> {
    /**
     * A batch that no buffer released, for an {@link Outlet} that is called without one.
     *
     * @param <T> what a record is
     * @param id by which a sink recognises a repeat
     * @param first the number of the first record
     * @param records one or more; copied
     * @return a batch of one attempt
     */
    static <T> Batch<T> of(long id, long first, List<T> records) {
        record Loose<T>(long id, long first, List<T> records) implements Batch<T> {
            @Override
            public int size() {
                return records.size();
            }

            @Override
            public Cause cause() {
                return Cause.FLUSH;
            }

            @Override
            public int redeliveries() {
                return 0;
            }

            @Override
            public long bytes() {
                return 0;
            }
        }
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one record");
        }
        return new Loose<>(id, first, List.copyOf(records));
    }

    /**
     * Unique in its buffer, from 1, rising in the order of release.
     *
     * @return the id
     */
    long id();

    /** {@return the sequence number of its first record} */
    long first();

    /** {@return the sequence number of its last record} */
    default long last() {
        return first() + size() - 1;
    }

    /**
     * How many records it has.
     *
     * @return a number, 1 or more
     */
    int size();

    /**
     * What released it.
     *
     * @return the cause
     */
    Cause cause();

    /**
     * How often it may have been handed out before: failed attempts, and one more if the buffer was
     * reopened since its release.
     *
     * @return a number, 0 or more
     */
    int redeliveries();

    /** {@return its encoded bytes, 0 if nothing measures them} */
    long bytes();

    /** {@return its records, read-only} */
    List<T> records();
}
