package dev.forebay.stream;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import java.time.Duration;

/**
 * How to read a buffer.
 *
 * @param dop blobs fetched or held at a time, 1 to 1024
 * @param largestBlob a larger one is refused, 1 B to 1 GiB; memory is at most {@code dop} times the
 *     size of the buffer's blobs
 * @param retryTime how long one blob is tried again, counted from its first failure, zero or more;
 *     292 years are for ever, as is the wait for a blob that is not written yet
 * @param listener is told how the reading goes
 * @param memory the budget that the memory of blocks is claimed from
 * @param clock by which pauses and waits are measured
 */
public record ReadOptions(
        int dop,
        ByteSize largestBlob,
        Duration retryTime,
        TransferListener listener,
        MemoryBudget memory,
        Clock clock) {
    private static final long LARGEST = 1L << 30;

    /** Checks the numbers against their ranges. */
    public ReadOptions {
        if (dop < 1 || dop > WriteOptions.MOST_AT_A_TIME) {
            throw new IllegalArgumentException(
                    "dop must be 1 to " + WriteOptions.MOST_AT_A_TIME + ": " + dop);
        }
        if (largestBlob.bytes() < 1 || largestBlob.bytes() > LARGEST) {
            throw new IllegalArgumentException("largest blob must be 1 B to 1 GiB: " + largestBlob);
        }
        WriteOptions.checkTime("retry time", retryTime);
    }

    /**
     * 32 at a time, 1 GiB, two minutes.
     *
     * @return such options
     */
    public static ReadOptions defaults() {
        return new ReadOptions(
                32,
                ByteSize.of(LARGEST),
                Duration.ofMinutes(2),
                TransferListener.SILENT,
                MemoryBudget.ofProcess(),
                Clock.system());
    }

    /**
     * The same with another number of downloads at a time.
     *
     * @param other 1 or more
     * @return other options
     */
    public ReadOptions withDop(int other) {
        return new ReadOptions(other, largestBlob, retryTime, listener, memory, clock);
    }

    /**
     * The same with another limit for one blob.
     *
     * @param other a larger blob is refused
     * @return other options
     */
    public ReadOptions withLargestBlob(ByteSize other) {
        return new ReadOptions(dop, other, retryTime, listener, memory, clock);
    }

    /**
     * The same with another time for which a failing request is tried again.
     *
     * @param other zero: it is not
     * @return other options
     */
    public ReadOptions withRetryTime(Duration other) {
        return new ReadOptions(dop, largestBlob, other, listener, memory, clock);
    }

    /**
     * The same with another listener.
     *
     * @param other is told how the transfer goes
     * @return other options
     */
    public ReadOptions withListener(TransferListener other) {
        return new ReadOptions(dop, largestBlob, retryTime, other, memory, clock);
    }

    /**
     * The same with another clock.
     *
     * @param other measures the retry time and pauses
     * @return other options
     */
    public ReadOptions withClock(Clock other) {
        return new ReadOptions(dop, largestBlob, retryTime, listener, memory, other);
    }

    /**
     * The same with another budget.
     *
     * @param other has the memory of the blobs in flight
     * @return other options
     */
    public ReadOptions withMemory(MemoryBudget other) {
        return new ReadOptions(dop, largestBlob, retryTime, listener, other, clock);
    }
}
