package dev.forebay.bddf;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One block of a series.
 *
 * @param series the descriptor of its series
 * @param nanos when it was sampled, in nanoseconds since 1970 UTC
 * @param additionalIndexes as many numbers as the series names
 * @param payload what it holds, never empty in a file; read-only
 * @param offset where its header begins in the file
 */
public record Block(
        SeriesDescriptor series,
        long nanos,
        List<Long> additionalIndexes,
        ByteBuffer payload,
        long offset) {
    /** Copies the indexes. */
    public Block {
        additionalIndexes = List.copyOf(additionalIndexes);
    }
}
