package dev.forebay.record;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the past of a journal consistent when damaged frames were set aside. One walk over the
 * records and the batches.
 *
 * <p><b>Guarantee.</b> Every record that can still be read is in exactly one place afterwards, no
 * batch id is given twice, a batch with a known id has all its records, and the ledger balances.
 *
 * <p><b>Limit.</b> A commit or a drop that was among the missing frames is forgotten: its records
 * come again. Records among them count as {@link DropReason#DAMAGED}. A missing frame that may have
 * been a record or another entry counts too.
 */
final class DamageRepair<T> {
    /** Records that no batch has, with others behind them: they go as a batch of their own. */
    record Orphans(long first, long last) {}

    private final Replay<T> past;

    DamageRepair(Replay<T> past) {
        this.past = past;
    }

    List<Orphans> repair() {
        past.nextBatch += 2 * past.lostFrames; // A split gives two ids.
        if (past.lostSinceNumbered > 0) {
            past.nextSequence += past.lostSinceNumbered;
        }
        past.batches
                .values()
                .removeIf(batch -> past.kept.count(batch.first(), batch.last()) != batch.size());
        balance();
        return orphans();
    }

    private void balance() {
        long inAll = past.committed + past.kept.count();
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
        Iterator<Replay.Waiting> batches = past.batches.values().iterator();
        Replay.@Nullable Waiting batch = next(batches);
        long sequence = past.kept.next(0);
        while (sequence > 0) {
            if (batch != null && batch.last() < sequence) {
                batch = next(batches);
            } else if (batch != null && batch.first() <= sequence) {
                sequence = past.kept.next(batch.last() + 1);
            } else {
                long limit = batch == null ? Long.MAX_VALUE : batch.first();
                long last = sequence;
                while (last + 1 < limit && past.kept.next(last + 1) == last + 1) {
                    last++;
                }
                if (last < past.nextSequence - 1) {
                    runs.add(new Orphans(sequence, last));
                }
                sequence = past.kept.next(last + 1);
            }
        }
        return runs;
    }

    private static Replay.@Nullable Waiting next(Iterator<Replay.Waiting> batches) {
        return batches.hasNext() ? batches.next() : null;
    }
}
