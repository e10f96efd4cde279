package dev.forebay.datalog;

import java.nio.file.Path;

/** Is offered each complete page before it goes to make room, to keep it elsewhere. */
@FunctionalInterface
public interface DepartingPages {
    /** Keeps none. */
    DepartingPages NONE = (_, _) -> {};

    /**
     * Offers a page, which goes when this returns. Called by the log's own thread: while it works,
     * no page is completed or removed, and callers wait once the log is a page above its allowance.
     * What it throws ends that thread, as {@link DataLogException.Fault#FAILED} says.
     *
     * @param page what it holds
     * @param bddf its file, whole; not to be changed
     */
    void offer(PageSummary page, Path bddf);
}
