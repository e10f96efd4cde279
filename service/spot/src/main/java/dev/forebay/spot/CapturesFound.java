package dev.forebay.spot;

import dev.forebay.spot.proto.DataIdentifier;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import dev.forebay.spot.proto.QueryStoredCaptureResult.ResultCase;
import java.util.SortedMap;
import java.util.TreeMap;

/** The captures that fit, by their numbers, without what they hold. For one thread. */
final class CapturesFound {
    /** A capture of which {@code stored} of {@code total} bytes were met. */
    private record Found(DataIdentifier name, long stored, long total) {
        boolean isComplete() {
            return stored == total;
        }

        Found with(Found piece) {
            return new Found(name, stored + piece.stored, total);
        }
    }

    private final TreeMap<Long, Found> found = new TreeMap<>();
    private long bytes;
    private int incomplete;

    private CapturesFound() {}

    /**
     * Looks for them, in the order of their numbers, until there are enough.
     *
     * @param enoughBytes stops behind so many, or behind {@code enough} captures
     */
    static CapturesFound of(
            CaptureStore store, CaptureSelection selection, long enoughBytes, int enough) {
        CapturesFound all = new CapturesFound();
        store.read(
                selection.first(),
                Long.MAX_VALUE,
                selection.channels(),
                capture -> {
                    if (selection.fits(capture)) {
                        all.add(capture);
                    }
                    return all.bytes < enoughBytes && all.found.size() <= enough
                            || all.incomplete > 0; // Its other pieces come behind others.
                });
        return all;
    }

    private void add(QueryStoredCaptureResult capture) {
        boolean large = capture.getResultCase() == ResultCase.LARGE_DATA;
        long size = large ? capture.getLargeData().getChunk().getData().size() : 0;
        long total = large ? capture.getLargeData().getChunk().getTotalSize() : 0;
        Found piece = new Found(capture.getDataId(), size, total);
        Found before = found.get(capture.getDataId().getId());
        Found after = before == null ? piece : before.with(piece);
        found.put(capture.getDataId().getId(), after);
        incomplete +=
                (after.isComplete() ? 0 : 1) - (before == null || before.isComplete() ? 0 : 1);
        bytes += capture.getSerializedSize();
    }

    int size() {
        return found.size();
    }

    /** Those that are whole, in the order of their numbers. */
    SortedMap<Long, DataIdentifier> complete() {
        TreeMap<Long, DataIdentifier> whole = new TreeMap<>();
        found.forEach((id, each) -> {
            if (each.isComplete()) {
                whole.put(id, each.name());
            }
        });
        return whole;
    }
}
