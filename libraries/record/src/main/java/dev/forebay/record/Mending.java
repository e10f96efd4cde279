package dev.forebay.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes a past whole in which frames are missing, because they were damaged and the settings say to
 * set such frames aside.
 *
 * <p><b>Guarantee.</b> Every record that can still be read is in exactly one place afterwards, no
 * batch id is given twice, a batch with a known id has all its records, and the ledger balances.
 *
 * <p><b>Limit.</b> A commit or a drop that was among the missing frames is forgotten: its records
 * come again. Records among them count as {@link DropReason#DAMAGED}, and where nobody can tell a
 * record from a note, the note counts too.
 */
final class Mending<T> {
    /**
     * Records that no batch has, and that are followed by others: they go as a batch of its own.
     */
    record Orphans(long first, long last) {}

    private final History<T> past;

    Mending(History<T> past) {
        this.past = past;
    }

    List<Orphans> mend() {
        past.nextBatch += 2 * past.lostFrames; // A split gives two ids.
        if (past.lostSinceNumbered > 0) {
            past.nextSequence += past.lostSinceNumbered;
        }
        past.batches
                .values()
                .removeIf(batch -> past.of(batch).size() != batch.last() - batch.first() + 1);
        balance();
        return orphans();
    }

    private void balance() {
        long inAll = past.committed + past.kept.size();
        for (long count : past.dropped.values()) {
            inAll += count;
        }
        long accepted = past.nextSequence - 1 + past.dropped.getOrDefault(DropReason.NEWEST, 0L);
        if (inAll <= accepted) {
            past.dropped.merge(DropReason.DAMAGED, accepted - inAll, Long::sum);
            return;
        }
        long again = inAll - accepted;
        long uncommitted = Math.min(again, past.committed);
        past.committed -= uncommitted;
        again -= uncommitted;
        for (Map.Entry<DropReason, Long> entry : past.dropped.entrySet()) {
            if (entry.getKey() != DropReason.NEWEST) {
                long undropped = Math.min(again, entry.getValue());
                entry.setValue(entry.getValue() - undropped);
                again -= undropped;
            }
        }
    }

    /** Runs of kept records outside of batches, except the one that ends with the newest record. */
    private List<Orphans> orphans() {
        List<Orphans> runs = new ArrayList<>();
        long from = 0;
        long to = 0;
        for (long sequence : past.kept.keySet()) {
            boolean alone =
                    past.batches.values().stream()
                            .noneMatch(b -> b.first() <= sequence && sequence <= b.last());
            if (alone && from > 0 && sequence == to + 1) {
                to = sequence;
            } else {
                if (from > 0) {
                    runs.add(new Orphans(from, to));
                }
                from = alone ? sequence : 0;
                to = sequence;
            }
        }
        if (from > 0 && to < past.nextSequence - 1) {
            runs.add(new Orphans(from, to));
        }
        return runs;
    }
}
