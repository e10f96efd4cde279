package dev.forebay.record;

import java.time.Duration;

/**
 * What opening a buffer on a journal found.
 *
 * @param records records that were neither committed nor dropped
 * @param batches batches that were released and not committed
 * @param took how long it took, from opening the journal to the last record decoded
 * @param scannedBytes how much the journal read to find its end
 * @param torn whether the journal had a torn end, which was cut
 * @param tornFrames readable frames behind the cut, never acknowledged as synced, that went with it
 * @param lostFrames frames that were damaged and set aside; see {@link DropReason#DAMAGED}
 */
public record Reopening(
        long records,
        long batches,
        Duration took,
        long scannedBytes,
        boolean torn,
        long tornFrames,
        long lostFrames) {}
