package dev.forebay.journal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an opening found.
 *
 * @param first the oldest sequence number that can be read
 * @param next the sequence number of the next append
 * @param tail the torn end that was cut, if there was one
 * @param damage what was found damaged in front of the synced position
 * @param scannedBytes how much was read to know
 */
public record Recovery(
        long first, long next, Optional<Tail> tail, List<Damage> damage, long scannedBytes) {
    /** Copies the lists. */
    public Recovery {
        damage = List.copyOf(damage);
    }

    /**
     * The journal ends here although more bytes follow: an append that was never acknowledged as
     * synced.
     *
     * @param sequence the first frame that is not there
     * @param file the segment that was cut
     * @param offset where
     * @param framesBeyond readable frames behind the cut, never synced and dropped with it
     * @param reason what was wrong with the first dropped frame
     */
    public record Tail(long sequence, Path file, long offset, long framesBeyond, String reason) {}

    /**
     * A range that was synced once and cannot be read.
     *
     * @param sequence the first frame missing
     * @param count how many are missing
     * @param file the segment
     * @param offset where the unreadable bytes begin
     * @param bytes how many they are; 0 if a whole segment is missing
     * @param reason what is wrong
     */
    public record Damage(
            long sequence, long count, Path file, long offset, long bytes, String reason) {}
}
