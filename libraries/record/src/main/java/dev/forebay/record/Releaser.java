package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.record.RecordException.Fault;
import dev.forebay.record.outlet.Cause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of what is held: everything, in order, divided by the caps, each batch noted before
 * it can be handed out. A component of {@link BufferState}.
 *
 * <p>A release that could not be noted leaves its records held. The next take or flush tries it
 * again, or throws why not.
 */
final class Releaser<T> {
    /** Why a release of this cause failed. */
    private record Trouble(Throwable why, Cause cause) {}

    private final Clock clock;
    private final int maxRecords;
    private final long maxBytes;
    private final HeldRecords<T> held;
    private final BatchQueue<T> queue;
    private final Accounts accounts;
    private final @Nullable EntryLog<T> log;
    private final @Nullable TrimSchedule<T> trims;
    private final Waiters waiters;
    private final Announcer announcer;

    /** Whether it is asked how long ago a batch was released. */
    private final boolean dated;

    /** The next add releases whatever the trigger says. */
    private boolean armed;

    /** Null if the last release was noted. */
    private @Nullable Trouble trouble;

    Releaser(
            RecordBufferBuilder<T> with,
            HeldRecords<T> held,
            BatchQueue<T> queue,
            Accounts accounts,
            @Nullable EntryLog<T> log,
            @Nullable TrimSchedule<T> trims,
            Waiters waiters,
            Announcer announcer) {
        clock = with.clock;
        maxRecords = with.maxBatchRecords;
        maxBytes = with.maxBatchBytes;
        this.held = held;
        this.queue = queue;
        this.accounts = accounts;
        this.log = log;
        this.trims = trims;
        this.waiters = waiters;
        this.announcer = announcer;
        dated = log != null || with.stuckAfter != null;
    }

    /** Makes the next add release everything. */
    void arm() {
        armed = true;
    }

    boolean isArmed() {
        return armed;
    }

    void disarm() {
        armed = false;
    }

    /** Releases because the trigger has fired; the number of batches. */
    int releaseByTrigger() {
        return release(
                switch (held.watch.decided()) {
                    case CUSTOM -> Cause.CUSTOM;
                    case COUNT -> Cause.COUNT;
                    case BYTES -> Cause.BYTES;
                    case TIME -> Cause.TIME;
                });
    }

    /** Releases what is held; the number of batches, 0 if nothing was held or could be noted. */
    int release(Cause cause) {
        trouble = null;
        if (held.size() == 0) {
            return 0;
        }
        try {
            return held.size() <= maxRecords && held.watch.bytes() <= maxBytes
                    ? releaseWhole(cause)
                    : releaseDivided(cause);
        } catch (RuntimeException | Error e) {
            failed(e, cause);
            return 0;
        }
    }

    private void failed(Throwable why, Cause cause) {
        trouble = new Trouble(why, cause);
        waiters.moved();
    }

    boolean isInTrouble() {
        return trouble != null;
    }

    /** Throws if the last release could not be noted. */
    void throwTrouble() {
        Trouble now = trouble;
        if (now != null) {
            throw new RecordException(
                    Fault.LOG,
                    "a release could not be noted and stays held: " + now.why.getMessage(),
                    now.why);
        }
    }

    /** Makes a release again that could not be noted; throws if it still cannot, and none waits. */
    void retry() {
        Trouble old = trouble;
        if (old == null) {
            return;
        }
        if (queue.available()) {
            release(old.cause); // The batch that waits is handed out, whatever becomes of this.
        } else {
            releaseOrThrow(old.cause);
        }
    }

    /** As {@link #release}, and throws if something could not be noted. */
    int releaseOrThrow(Cause cause) {
        if (trims != null) {
            trims.keepUp();
        }
        int batches = 0;
        while (true) {
            batches += release(cause);
            try {
                throwTrouble();
                return batches;
            } catch (ForebayException e) {
                if (trims == null) {
                    throw e;
                }
                trims.awaitRoomAfter(e);
            }
        }
    }

    private int releaseWhole(Cause cause) {
        ReleasedBatch<T> batch =
                note(held.first(), held.records(), cause, held.watch.bytes(), held.sizes());
        held.letGo();
        offer(batch);
        released();
        return 1;
    }

    /** Divides what is held by the caps; what cannot be noted stays held. */
    private int releaseDivided(Cause cause) {
        List<T> records = held.records();
        int[] sizes = held.sizes();
        long first = held.first();
        int noted = 0;
        int gone = 0;
        long bytes = 0;
        try {
            for (Part part : divided(records.size(), sizes)) {
                offer(
                        note(
                                first + part.from,
                                new ArrayList<>(records.subList(part.from, part.to)),
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
            failed(e, cause);
        }
        if (gone == records.size()) {
            held.letGo();
        } else {
            held.letGoFirst(gone, bytes);
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

    private void offer(ReleasedBatch<T> batch) {
        queue.offer(batch);
        if (announcer.telling) {
            announcer.event(listener -> listener.released(RecordListener.Facts.of(batch)));
        }
    }

    private void released() {
        waiters.moved();
        if (announcer.telling) {
            announcer.event(listener -> listener.onReset(false));
        }
    }

    private ReleasedBatch<T> note(
            long first, List<T> records, Cause cause, long bytes, int[] sizes) {
        long since = dated ? clock.nanos() : 0;
        long id = accounts.nextBatch();
        int size = records.size();
        long noted =
                log == null
                        ? 0
                        : log.note(new LogEntry.Released(id, first, first + size - 1, cause));
        return new ReleasedBatch<>(id, first, size, records, cause, 0, bytes, noted, since, sizes);
    }
}
