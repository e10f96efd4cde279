package dev.forebay.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What one release let go, in the order of acceptance.
 *
 * <p><b>Guarantee.</b> Immutable. From a journal, the same id means the same records, also after a
 * crash, so that a sink which stores the id with the data can drop what it has already.
 *
 * @param <T> the type of record
 */
public final class Batch<T> {
    /** The sizes of records that nothing measures. */
    static final int[] UNMEASURED = {};

    private final long id;
    private final long first;
    private final List<T> records;
    private final int size;
    private final Cause cause;
    private final int redeliveries;
    private final long bytes;

    /** Where in the journal it is noted. */
    private final long noted;

    /** When it was released, if anybody asks. */
    private final long since;

    /** The encoded bytes of each record; maybe longer than the batch, or empty. */
    private final int[] sizes;

    Batch(
            long id,
            long first,
            int size,
            List<T> records,
            Cause cause,
            int redeliveries,
            long bytes,
            long noted,
            long since,
            int[] sizes) {
        this.id = id;
        this.first = first;
        this.size = size;
        this.records = records;
        this.cause = cause;
        this.redeliveries = redeliveries;
        this.bytes = bytes;
        this.noted = noted;
        this.since = since;
        this.sizes = sizes;
    }

    /**
     * A batch that no buffer released, for an {@link Outlet} that is called without one.
     *
     * @param id what a sink recognises a repeat by
     * @param first the number of the first record
     * @param records one or more; copied
     */
    public static <T> Batch<T> of(long id, long first, List<T> records) {
        List<T> copy = List.copyOf(records);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one record");
        }
        return new Batch<>(id, first, copy.size(), copy, Cause.FLUSH, 0, 0, 0, 0, UNMEASURED);
    }

    /** Unique in its buffer, from 1, rising in the order of release. */
    public long id() {
        return id;
    }

    /** The sequence number of its first record. */
    public long first() {
        return first;
    }

    /** The sequence number of its last record. */
    public long last() {
        return first + size - 1;
    }

    /** How many records it has. */
    public int size() {
        return size;
    }

    /** What released it. */
    public Cause cause() {
        return cause;
    }

    /**
     * How often it may have been handed out before: failed attempts, and one more if the buffer was
     * reopened since its release.
     */
    public int redeliveries() {
        return redeliveries;
    }

    /** Its encoded bytes, 0 if nobody measures. */
    public long bytes() {
        return bytes;
    }

    /** Its records, read-only. */
    public List<T> records() {
        return Collections.unmodifiableList(records);
    }

    boolean spilled() {
        return records.isEmpty();
    }

    long noted() {
        return noted;
    }

    long since() {
        return since;
    }

    Batch<T> again() {
        int failures = redeliveries + 1;
        return new Batch<>(id, first, size, records, cause, failures, bytes, noted, since, sizes);
    }

    Batch<T> with(List<T> content) {
        return new Batch<>(
                id, first, size, content, cause, redeliveries, bytes, noted, since, sizes);
    }

    /** The records from one index to another, as a batch of its own. */
    Batch<T> part(long partId, int from, int to, long partNoted) {
        int[] partSizes = sizes.length == 0 ? sizes : Arrays.copyOfRange(sizes, from, to);
        return new Batch<>(
                partId,
                first + from,
                to - from,
                new ArrayList<>(records.subList(from, to)),
                cause,
                redeliveries,
                Arrays.stream(partSizes).asLongStream().sum(),
                partNoted,
                since,
                partSizes);
    }

    @Override
    public String toString() {
        return "Batch[" + id + ", " + first + " to " + last() + ", " + cause + "]";
    }
}
