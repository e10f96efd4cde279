package dev.forebay.stream;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
import java.time.Duration;

/**
 * How to write a buffer.
 *
 * @param dop uploads at a time, 1 to 1024, each of a block or of small ones together
 * @param blockSize bytes of a full block, 1 B to 1 GiB; the container may allow less
 * @param flushInterval a block is closed this long after its first byte; zero: only when full
 * @param retryTime how long one blob is tried again, counted from its first failure, zero or more;
 *     292 years are for ever
 * @param durability what every acknowledgement has to promise
 * @param listener is told how the writing goes
 * @param memory the budget that the memory of blocks is claimed from
 * @param clock by which pauses and intervals are measured
 */
public record WriteOptions(
        int dop,
        ByteSize blockSize,
        Duration flushInterval,
        Duration retryTime,
        Durability durability,
        TransferListener listener,
        MemoryBudget memory,
        Clock clock) {
    private static final long LARGEST_BLOCK = 1L << 30;
    static final int MOST_AT_A_TIME = 1024;

    /** Checks the numbers against their ranges. */
    public WriteOptions {
        if (dop < 1 || dop > MOST_AT_A_TIME) {
            throw new IllegalArgumentException("dop must be 1 to " + MOST_AT_A_TIME + ": " + dop);
        }
        if (blockSize.bytes() < 1 || blockSize.bytes() > LARGEST_BLOCK) {
            throw new IllegalArgumentException("block size must be 1 B to 1 GiB: " + blockSize);
        }
        checkTime("flush interval", flushInterval);
        checkTime("retry time", retryTime);
    }

    static void checkTime(String what, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(what + " must not be negative: " + time);
        }
    }

    /**
     * 16 at a time, 4 MiB, one second, two minutes, synced.
     *
     * @return such options
     */
    public static WriteOptions defaults() {
        return new WriteOptions(
                16,
                ByteSize.ofMiB(4),
                Duration.ofSeconds(1),
                Duration.ofMinutes(2),
                Durability.SYNCED,
                TransferListener.SILENT,
                MemoryBudget.ofProcess(),
                Clock.system());
    }

    /**
     * The same with another number of uploads at a time.
     *
     * @param other 1 or more
     * @return other options
     */
    public WriteOptions withDop(int other) {
        return new WriteOptions(
                other, blockSize, flushInterval, retryTime, durability, listener, memory, clock);
    }

    /**
     * The same with blocks of another size.
     *
     * @param other all but the last have it, unless time closes them
     * @return other options
     */
    public WriteOptions withBlockSize(ByteSize other) {
        return new WriteOptions(
                dop, other, flushInterval, retryTime, durability, listener, memory, clock);
    }

    /**
     * The same with another time after which a block is closed before it is full.
     *
     * @param other from its first byte on; zero: it is not
     * @return other options
     */
    public WriteOptions withFlushInterval(Duration other) {
        return new WriteOptions(
                dop, blockSize, other, retryTime, durability, listener, memory, clock);
    }

    /**
     * The same with another time for which a failing request is tried again.
     *
     * @param other zero: it is not
     * @return other options
     */
    public WriteOptions withRetryTime(Duration other) {
        return new WriteOptions(
                dop, blockSize, flushInterval, other, durability, listener, memory, clock);
    }

    /**
     * The same with another demand.
     *
     * @param other what an acknowledgement has to promise
     * @return other options
     */
    public WriteOptions withDurability(Durability other) {
        return new WriteOptions(
                dop, blockSize, flushInterval, retryTime, other, listener, memory, clock);
    }

    /**
     * The same with another listener.
     *
     * @param other is told how the transfer goes
     * @return other options
     */
    public WriteOptions withListener(TransferListener other) {
        return new WriteOptions(
                dop, blockSize, flushInterval, retryTime, durability, other, memory, clock);
    }

    /**
     * The same with another clock.
     *
     * @param other measures the retry time and the flush interval
     * @return other options
     */
    public WriteOptions withClock(Clock other) {
        return new WriteOptions(
                dop, blockSize, flushInterval, retryTime, durability, listener, memory, other);
    }

    /**
     * The same with another budget.
     *
     * @param other has the memory of the blocks in flight
     * @return other options
     */
    public WriteOptions withMemory(MemoryBudget other) {
        return new WriteOptions(
                dop, blockSize, flushInterval, retryTime, durability, listener, other, clock);
    }
}
