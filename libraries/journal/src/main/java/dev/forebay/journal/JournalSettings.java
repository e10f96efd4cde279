package dev.forebay.journal;

import dev.forebay.base.ByteSize;
import java.time.Duration;

/**
 * The limits of a {@link Journal}. Any of them may change between two openings; what exists is
 * opened whatever it was written with.
 *
 * @param segmentBytes the size that segments grow to with the traffic, 8 KiB to 1 GiB; a frame or a
 *     batch must fit into one
 * @param segmentAge after this time since its first frame a segment is closed and the next begun;
 *     zero for never
 * @param readyAhead how many empty segments are kept ready from the first roll on, 1 to 16, so that
 *     a roll waits for nothing; more while segments are filled faster than they are made
 * @param spares how many trimmed segments are kept to be used again instead of deleted, 0 to 64
 * @param onDamage what to do about damage in front of the synced position
 * @param reserve whether one of the ready segments is kept for {@link Journal#appendFromReserve};
 *     there are two of them at least then
 */
public record JournalSettings(
        ByteSize segmentBytes,
        Duration segmentAge,
        int readyAhead,
        int spares,
        DamagePolicy onDamage,
        boolean reserve) {
    static final ByteSize SMALLEST = ByteSize.ofKiB(8);
    private static final ByteSize LARGEST = ByteSize.ofMiB(1024);

    /** What to do when a frame that was synced once cannot be read. */
    public enum DamagePolicy {
        /** Refuse to open or to read on; nothing is changed. */
        STOP,
        /**
         * Copy the unreadable bytes into {@code aside/}, put a gap record in their place, and go
         * on.
         */
        SET_ASIDE
    }

    /** Checks the numbers against their ranges. */
    public JournalSettings {
        if (segmentBytes.compareTo(SMALLEST) < 0 || segmentBytes.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    "segmentBytes must be "
                            + SMALLEST
                            + " to "
                            + LARGEST
                            + ", not "
                            + segmentBytes);
        }
        if (segmentAge.isNegative()) {
            throw new IllegalArgumentException("segmentAge < 0: " + segmentAge);
        }
        if (readyAhead < 1 || readyAhead > 16) {
            throw new IllegalArgumentException("readyAhead must be 1 to 16, not " + readyAhead);
        }
        if (spares < 0 || spares > 64) {
            throw new IllegalArgumentException("spares must be 0 to 64, not " + spares);
        }
    }

    /**
     * Segments of up to 64 MiB without an age, two ready ahead, four spares, stop at damage, no
     * reserve.
     *
     * @return such settings
     */
    public static JournalSettings defaults() {
        return new JournalSettings(
                ByteSize.ofMiB(64), Duration.ZERO, 2, 4, DamagePolicy.STOP, false);
    }

    /**
     * The same with segments of another size.
     *
     * @param bytes of a segment, its header included
     * @return other settings
     */
    public JournalSettings withSegmentBytes(ByteSize bytes) {
        return new JournalSettings(bytes, segmentAge, readyAhead, spares, onDamage, reserve);
    }

    /**
     * The same with another age at which a segment is closed.
     *
     * @param age from its first frame on; zero: none
     * @return other settings
     */
    public JournalSettings withSegmentAge(Duration age) {
        return new JournalSettings(segmentBytes, age, readyAhead, spares, onDamage, reserve);
    }

    /**
     * The same with another number of segments that are made ahead.
     *
     * @param count 0 or more
     * @return other settings
     */
    public JournalSettings withReadyAhead(int count) {
        return new JournalSettings(segmentBytes, segmentAge, count, spares, onDamage, reserve);
    }

    /**
     * The same with another number of trimmed segments that are kept to be used again.
     *
     * @param count 0 or more
     * @return other settings
     */
    public JournalSettings withSpares(int count) {
        return new JournalSettings(segmentBytes, segmentAge, readyAhead, count, onDamage, reserve);
    }

    /**
     * The same with another answer to damage that an opening finds.
     *
     * @param policy what then happens
     * @return other settings
     */
    public JournalSettings withOnDamage(DamagePolicy policy) {
        return new JournalSettings(segmentBytes, segmentAge, readyAhead, spares, policy, reserve);
    }

    /**
     * The same with or without a reserve for {@link Journal#appendFromReserve}.
     *
     * @param keep whether there is one
     * @return other settings
     */
    public JournalSettings withReserve(boolean keep) {
        return new JournalSettings(segmentBytes, segmentAge, readyAhead, spares, onDamage, keep);
    }

    /** How many segments are made ready. */
    int ready() {
        return reserve ? Math.max(2, readyAhead) : readyAhead;
    }
}
