package dev.forebay.datalog;

import java.util.Map;

/**
 * What became of pages that were to be deleted.
 *
 * @param bytes of the pages that were deleted
 * @param pages the outcome for each page, by its number
 */
public record Deletion(long bytes, Map<Long, Outcome> pages) {
    /** What became of one page. */
    public enum Outcome {
        /** It is gone, durably. */
        DELETED,
        /** There is no such page. */
        NOT_FOUND,
        /** It is being written and could not be completed, because the disk is full. */
        FAILED
    }

    /** Copies the results. */
    public Deletion {
        pages = Map.copyOf(pages);
    }
}
