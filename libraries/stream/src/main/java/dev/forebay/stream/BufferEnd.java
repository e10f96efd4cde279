package dev.forebay.stream;

import dev.forebay.blob.Container;
import dev.forebay.blob.Wait;

/** How far a buffer is, by its end marker. */
public sealed interface BufferEnd {
    /** It has no end marker: it is being written, or its writing has not begun. */
    record Open() implements BufferEnd {}

    /** Its writer gave up. */
    record Failed() implements BufferEnd {}

    /**
     * It was written whole.
     *
     * @param marker what it says
     */
    record Complete(EndMarker marker) implements BufferEnd {}

    /**
     * Reads the end marker; blocks.
     *
     * @param container has the blobs
     * @param options how failures are retried
     * @return whether the buffer is complete, failed or still open
     * @throws BufferMissingException if there is no such buffer
     * @throws dev.forebay.base.DamagedException if the marker is not what was written
     */
    static BufferEnd of(Container container, ReadOptions options) {
        Fetches fetches = Fetches.of(container, options);
        Marker marker = fetches.marker(EndMarker.NAME, Wait.NONE);
        if (marker.isMissing()) {
            return new Open();
        }
        EndMarker found = EndMarker.parse(marker.text());
        return found.failed() ? new Failed() : new Complete(found);
    }
}
