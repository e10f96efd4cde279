package dev.forebay.record;

import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A batch of a buffer, with what the buffer needs to know of it. Immutable. */
final class ReleasedBatch<T> implements Batch<T> {
    /** The sizes of records that nothing measures. */
    static final int[] UNMEASURED = {};

    private final long id;
    private final long first;

    /** Empty if the batch was spilled. */
    private final List<T> records;

    private final int size;
    private final Cause cause;
    private final int redeliveries;
    private final long bytes;

    /** The journal's entry of the release; 0 in memory. */
    private final long noted;

    /** The clock's reading at the release, in nanoseconds; 0 where nothing asks for it. */
    private final long since;

    /** The encoded bytes of each record; maybe longer than the batch, or empty. */
    private final int[] sizes;

    ReleasedBatch(
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

    @Override
    public long id() {
        return id;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Cause cause() {
        return cause;
    }

    @Override
    public int redeliveries() {
        return redeliveries;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public List<T> records() {
        return Collections.unmodifiableList(records);
    }

    /** Whether its records are in the journal only. */
    boolean spilled() {
        return records.isEmpty();
    }

    long noted() {
        return noted;
    }

    long since() {
        return since;
    }

    /** The same batch after one more failure. */
    ReleasedBatch<T> again() {
        int failures = redeliveries + 1;
        return new ReleasedBatch<>(
                id, first, size, records, cause, failures, bytes, noted, since, sizes);
    }

    /** The same batch with these records in memory. */
    ReleasedBatch<T> with(List<T> content) {
        return new ReleasedBatch<>(
                id, first, size, content, cause, redeliveries, bytes, noted, since, sizes);
    }

    /** The records from one index to another, as a batch of its own. */
    ReleasedBatch<T> part(long partId, int from, int to, long partNoted) {
        int[] partSizes = sizes.length == 0 ? sizes : Arrays.copyOfRange(sizes, from, to);
        return new ReleasedBatch<>(
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
