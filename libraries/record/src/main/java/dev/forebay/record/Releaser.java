package dev.forebay.record;

import dev.forebay.base.ForebayException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes batches of what is held: everything, in order, divided by the caps, each batch noted before
 * it can be handed out. The buffer's lock is held.
 */
final class Releaser<T> {
    private final Interior<T> in;
    private final int maxRecords;
    private final long maxBytes;

    /** Whether somebody asks how long batches have been released. */
    private final boolean dated;

    Releaser(Interior<T> in) {
        this.in = in;
        maxRecords = in.with.maxBatchRecords;
        maxBytes = in.with.maxBatchBytes;
        dated = in.notebook != null || in.with.stuckAfter != null;
    }

    /** The trigger has fired. */
    int releaseByTrigger() {
        return release(
                switch (in.holding.watch.decided()) {
                    case CUSTOM -> Cause.CUSTOM;
                    case COUNT -> Cause.COUNT;
                    case BYTES -> Cause.BYTES;
                    case TIME -> Cause.TIME;
                });
    }

    /** Releases what is held; the number of batches, 0 if nothing was held or could be noted. */
    int release(Cause cause) {
        Holding<T> holding = in.holding;
        if (holding.size() == 0) {
            return 0;
        }
        try {
            return holding.size() <= maxRecords && holding.watch.bytes() <= maxBytes
                    ? releaseWhole(cause)
                    : releaseDivided(cause);
        } catch (ForebayException e) {
            // The records stay held; whoever takes or flushes next tries again or learns why.
            in.trouble(e, cause);
            return 0;
        }
    }

    /** Tries a release again that could not be noted, and throws if it still cannot. */
    void retry() {
        Interior.Trouble old = in.trouble;
        if (old != null) {
            in.trouble = null;
            release(old.of());
            in.throwTrouble();
        }
    }

    private int releaseWhole(Cause cause) {
        Holding<T> holding = in.holding;
        Batch<T> batch = note(holding.first(), holding.records(), cause, holding.watch.bytes());
        holding.letGo();
        offer(batch);
        released();
        return 1;
    }

    /** Divides what is held by the caps; what cannot be noted stays held. */
    private int releaseDivided(Cause cause) {
        Holding<T> holding = in.holding;
        List<Part<T>> parts = divided(holding.records());
        long first = holding.first();
        int noted = 0;
        long bytes = 0;
        try {
            for (Part<T> part : parts) {
                offer(note(first, part.records, cause, part.bytes));
                first += part.records.size();
                bytes += part.bytes;
                noted++;
            }
        } catch (ForebayException e) {
            in.trouble(e, cause);
        }
        if (noted == parts.size()) {
            holding.letGo();
        } else {
            holding.letGoFirst((int) (first - holding.first()), bytes);
        }
        if (noted > 0) {
            released();
        }
        return noted;
    }

    /** One batch to be, and its encoded bytes. */
    private record Part<T>(List<T> records, long bytes) {}

    private List<Part<T>> divided(List<T> held) {
        List<Part<T>> parts = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < held.size(); i++) {
            int size = in.size(held.get(i));
            if (i - from == maxRecords || i > from && bytes + size > maxBytes) {
                parts.add(new Part<>(new ArrayList<>(held.subList(from, i)), bytes));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        parts.add(new Part<>(new ArrayList<>(held.subList(from, held.size())), bytes));
        return parts;
    }

    private void offer(Batch<T> batch) {
        in.outgoing.offer(batch);
        if (in.announcer.telling) {
            in.announcer.event(listener -> listener.released(in.facts(batch)));
        }
    }

    private void released() {
        in.moved.signalAll();
        if (in.announcer.telling) {
            in.announcer.event(listener -> listener.onReset(false));
        }
    }

    private Batch<T> note(long first, List<T> records, Cause cause, long bytes) {
        long id = in.books.nextBatch();
        int size = records.size();
        Notebook<T> notes = in.notebook;
        long noted = notes == null ? 0 : notes.batch(id, first, first + size - 1, cause);
        long since = dated ? in.clock.nanos() : 0;
        return new Batch<>(id, first, size, records, cause, 0, bytes, noted, since);
    }
}
