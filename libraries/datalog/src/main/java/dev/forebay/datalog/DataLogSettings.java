package dev.forebay.datalog;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Trigger;
import java.time.Duration;
import java.util.Map;

/**
 * The limits of a {@link DataLog}. Any of them may change between two openings.
 *
 * @param allowance bytes that the pages may take on the disk, 1 MiB or more
 * @param page when a page is complete: counts of blocks, bytes of payloads, times. Whatever it
 *     says, a page is complete at an eighth of the allowance
 * @param nearComment how far from an operator's comment data is kept longer, 0 or more
 * @param floors for a channel, the bytes of it that go last
 * @param departing is offered complete pages before they go to make room
 * @param summaries bytes of memory, about, for what is known of complete pages, 1 MiB or more: 88
 *     for each series of a page, and some 300 for each series. Pages above it go as those above the
 *     allowance do. A smaller one than before makes pages go at once
 */
public record DataLogSettings(
        ByteSize allowance,
        Trigger<Void> page,
        Duration nearComment,
        Map<String, ByteSize> floors,
        DepartingPages departing,
        ByteSize summaries) {
    private static final ByteSize LEAST = ByteSize.ofMiB(1);

    /** Copies the floors, and checks the numbers against their ranges. */
    public DataLogSettings {
        floors = Map.copyOf(floors);
        checkAllowance(allowance);
        if (summaries.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException(
                    "the memory for summaries must be %s or more, not %s"
                            .formatted(LEAST, summaries));
        }
        if (nearComment.isNegative()) {
            throw new IllegalArgumentException("nearComment must be 0 or more, not " + nearComment);
        }
    }

    static void checkAllowance(ByteSize allowance) {
        if (allowance.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException(
                    "the allowance must be %s or more, not %s".formatted(LEAST, allowance));
        }
    }

    /**
     * 60 GB in pages of 64 MiB or ten minutes, with summaries of 96 MiB; ten minutes around a
     * comment are kept longer.
     *
     * @return such settings
     */
    public static DataLogSettings defaults() {
        return new DataLogSettings(
                ByteSize.of(60_000_000_000L),
                Trigger.anyOf(
                        Trigger.bytes(ByteSize.ofMiB(64).bytes()),
                        Trigger.age(Duration.ofMinutes(10))),
                Duration.ofMinutes(10),
                Map.of(),
                DepartingPages.NONE,
                ByteSize.ofMiB(96));
    }

    /**
     * The same with another allowance.
     *
     * @param bytes of all files together
     * @return other settings
     */
    public DataLogSettings withAllowance(ByteSize bytes) {
        return new DataLogSettings(bytes, page, nearComment, floors, departing, summaries);
    }

    /**
     * The same with pages of another length.
     *
     * @param until completes a page: bytes, an age, or both
     * @return other settings
     */
    public DataLogSettings withPage(Trigger<Void> until) {
        return new DataLogSettings(allowance, until, nearComment, floors, departing, summaries);
    }

    /**
     * The same with another span around a comment in which entries are kept longer.
     *
     * @param distance before it and after it
     * @return other settings
     */
    public DataLogSettings withNearComment(Duration distance) {
        return new DataLogSettings(allowance, page, distance, floors, departing, summaries);
    }

    /**
     * The same with other sizes that channels keep whatever comes in on others.
     *
     * @param bytesOfChannels by the names of channels
     * @return other settings
     */
    public DataLogSettings withFloors(Map<String, ByteSize> bytesOfChannels) {
        return new DataLogSettings(
                allowance, page, nearComment, bytesOfChannels, departing, summaries);
    }

    /**
     * The same with another place for pages that have to go.
     *
     * @param pages is offered each before it goes
     * @return other settings
     */
    public DataLogSettings withDeparting(DepartingPages pages) {
        return new DataLogSettings(allowance, page, nearComment, floors, pages, summaries);
    }

    /**
     * The same with another amount of memory for what is known of complete pages.
     *
     * @param bytes of all summaries together, about
     * @return other settings
     */
    public DataLogSettings withSummaries(ByteSize bytes) {
        return new DataLogSettings(allowance, page, nearComment, floors, departing, bytes);
    }
}
