package dev.forebay.datalog;

import java.util.List;

/**
 * How much there is.
 *
 * @param pages complete and open ones
 * @param bytes of their files
 * @param comments how many there are
 * @param events how many there are
 * @param damaged blocks, and whole pages, that were found damaged since the log was opened and are
 *     left out of answers
 * @param blobs each channel, type and source that has a blob
 */
public record LogStatus(
        long pages, long bytes, long comments, long events, long damaged, List<SeriesKey> blobs) {
    /** Copies the list. */
    public LogStatus {
        blobs = List.copyOf(blobs);
    }
}
