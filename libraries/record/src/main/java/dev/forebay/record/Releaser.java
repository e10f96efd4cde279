package dev.forebay.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes batches of what is held: everything, in order, divided by the caps, each batch noted before
 * it can be handed out. The buffer's lock is held.
 */
final class Releaser<T> {
    private final BufferState<T> in;
    private final int maxRecords;
    private final long maxBytes;

    /** Whether somebody asks how long batches have been released. */
    private final boolean dated;

    Releaser(BufferState<T> in) {
        this.in = in;
        maxRecords = in.with.maxBatchRecords;
        maxBytes = in.with.maxBatchBytes;
        dated = in.log != null || in.with.stuckAfter != null;
    }

    /** The trigger has fired. */
    int releaseByTrigger() {
        return release(
                switch (in.held.watch.decided()) {
                    case CUSTOM -> Cause.CUSTOM;
                    case COUNT -> Cause.COUNT;
                    case BYTES -> Cause.BYTES;
                    case TIME -> Cause.TIME;
                });
    }

    /** Releases what is held; the number of batches, 0 if nothing was held or could be noted. */
    int release(Cause cause) {
        HeldRecords<T> holding = in.held;
        in.trouble = null;
        if (holding.size() == 0) {
            return 0;
        }
        try {
            return holding.size() <= maxRecords && holding.watch.bytes() <= maxBytes
                    ? releaseWhole(cause)
                    : releaseDivided(cause);
        } catch (RuntimeException | Error e) {
            // The records stay held. The next take or flush tries again, or throws this.
            in.trouble(e, cause);
            return 0;
        }
    }

    /** Makes a release again that could not be noted; throws if it still cannot, and none waits. */
    void retry() {
        BufferState.Trouble old = in.trouble;
        if (old == null) {
            return;
        }
        if (in.queue.available()) {
            release(old.of()); // The batch that is there is handed out, whatever becomes of this.
        } else {
            releaseOrThrow(old.of());
        }
    }

    /** As {@link #release}, and throws if something could not be noted. */
    int releaseOrThrow(Cause cause) {
        int[] batches = new int[1];
        return in.withRoom(() -> {
            batches[0] += release(cause);
            in.throwTrouble();
            return batches[0];
        });
    }

    private int releaseWhole(Cause cause) {
        HeldRecords<T> holding = in.held;
        int[] sizes = holding.sizes();
        Batch<T> batch =
                note(holding.first(), holding.records(), cause, holding.watch.bytes(), sizes);
        holding.letGo();
        offer(batch);
        released();
        return 1;
    }

    /** Divides what is held by the caps; what cannot be noted stays held. */
    private int releaseDivided(Cause cause) {
        HeldRecords<T> holding = in.held;
        List<T> held = holding.records();
        int[] sizes = holding.sizes();
        long first = holding.first();
        int noted = 0;
        int gone = 0;
        long bytes = 0;
        try {
            for (Part part : divided(held.size(), sizes)) {
                offer(
                        note(
                                first + part.from,
                                new ArrayList<>(held.subList(part.from, part.to)),
                                cause,
                                part.bytes,
                                sizes.length == 0
                                        ? sizes
                                        : Arrays.copyOfRange(sizes, part.from, part.to)));
                gone = part.to;
                bytes += part.bytes;
                noted++;
            }
        } catch (RuntimeException | Error e) {
            in.trouble(e, cause);
        }
        if (gone == held.size()) {
            holding.letGo();
        } else {
            holding.letGoFirst(gone, bytes);
        }
        if (noted > 0) {
            released();
        }
        return noted;
    }

    /** The held records that become one batch, from one index to another. */
    private record Part(int from, int to, long bytes) {}

    private List<Part> divided(int count, int[] sizes) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int size = sizes.length == 0 ? 0 : sizes[i];
            if (i - from == maxRecords || i > from && bytes + size > maxBytes) {
                parts.add(new Part(from, i, bytes));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        parts.add(new Part(from, count, bytes));
        return parts;
    }

    private void offer(Batch<T> batch) {
        in.queue.offer(batch);
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

    private Batch<T> note(long first, List<T> records, Cause cause, long bytes, int[] sizes) {
        long since = dated ? in.clock.nanos() : 0;
        long id = in.accounts.nextBatch();
        int size = records.size();
        EntryLog<T> log = in.log;
        long noted =
                log == null
                        ? 0
                        : log.note(new LogEntry.Released(id, first, first + size - 1, cause));
        return new Batch<>(id, first, size, records, cause, 0, bytes, noted, since, sizes);
    }
}
