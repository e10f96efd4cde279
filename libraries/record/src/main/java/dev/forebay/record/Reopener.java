package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.journal.Recovery;
import dev.forebay.record.outlet.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;

/** Puts a buffer back to where its journal says it was. A service of {@link BufferState}. */
final class Reopener<T> {
    /** An age that no trigger's limit is compared with any more. */
    private static final Duration LONGEST = Duration.ofDays(10_000);

    private final BufferState<T> in;
    private final JournalAccess<T> journal;
    private final Codec<T> codec;

    @GuardedBy("in.lock")
    private final EntryLog<T> log;

    Reopener(BufferState<T> in, JournalAccess<T> journal, Codec<T> codec, EntryLog<T> log) {
        this.in = in;
        this.journal = journal;
        this.codec = codec;
        this.log = log;
    }

    /**
     * Reopens the buffer, and releases what fires the trigger; closes the journal if that fails.
     */
    Reopening reopen(long startedNanos) {
        Reopening found;
        in.lock.lock();
        try {
            found = takeUp(startedNanos);
            if (in.held.watch.fires()) {
                in.releaser.releaseByTrigger();
            }
        } catch (RuntimeException | Error e) {
            closeAfter(e);
            throw e;
        } finally {
            in.lock.unlock();
        }
        in.announcer.tell();
        return found;
    }

    private void closeAfter(Throwable failure) {
        try {
            journal.close();
        } catch (RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
    }

    @GuardedBy("in.lock")
    private Reopening takeUp(long startedNanos) {
        Replay<T> past = log.replay(codec);
        if (past.lostFrames > 0) {
            adopt(new DamageRepair<>(past).repair(), past);
        }
        in.accounts.resume(past.committed, past.nextBatch, past.dropped);
        past.dead.values().forEach(in.dead::put);
        long now = in.clock.nanos();
        Instant wall = in.clock.wall();
        for (Replay.Waiting batch : past.batches.values()) {
            in.queue.offer(batch(batch, past, now - age(batch.micros(), wall).toNanos()));
        }
        hold(past, wall);
        long records = past.kept.count();
        long batches = past.batches.size();
        in.announcer.event(listener -> listener.recovered(records, batches));
        Recovery recovery = journal.recovery();
        return new Reopening(
                records,
                batches,
                Duration.ofNanos(in.clock.nanos() - startedNanos),
                recovery.scannedBytes(),
                recovery.tail().isPresent(),
                recovery.tail().map(Recovery.Tail::framesBeyond).orElse(0L),
                past.lostFrames);
    }

    @GuardedBy("in.lock")
    private void adopt(List<DamageRepair.Orphans> orphans, Replay<T> past) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, in.clock.wall());
        for (DamageRepair.Orphans run : orphans) {
            long id = past.nextBatch++;
            long noted = log.note(new LogEntry.Released(id, run.first(), run.last(), Cause.FLUSH));
            past.batches.put(
                    run.first(),
                    new Replay.Waiting(id, run.first(), run.last(), Cause.FLUSH, noted, micros));
        }
    }

    private ReleasedBatch<T> batch(Replay.Waiting batch, Replay<T> past, long since) {
        List<T> records = past.kept.records(batch.first(), batch.last());
        int[] sizes = sizes(records, past.kept.bytes(batch.first(), batch.last()));
        return new ReleasedBatch<>(
                batch.id(),
                batch.first(),
                records.size(),
                records,
                batch.cause(),
                past.failures(batch) + 1,
                sum(sizes),
                batch.position(),
                since,
                sizes);
    }

    private int[] sizes(List<T> records, int[] encodedBytes) {
        for (int i = 0; i < encodedBytes.length; i++) {
            encodedBytes[i] = in.with.size(records.get(i), encodedBytes[i]);
        }
        return encodedBytes;
    }

    private static long sum(int[] sizes) {
        return Arrays.stream(sizes).asLongStream().sum();
    }

    @GuardedBy("in.lock")
    private void hold(Replay<T> past, Instant wall) {
        long first = past.kept.next(past.firstHeld());
        if (first == 0) {
            in.held.resume(List.of(), ReleasedBatch.UNMEASURED, past.nextSequence);
            return;
        }
        long last = past.kept.last();
        List<T> held = past.kept.records(first, last);
        int[] sizes = sizes(held, past.kept.bytes(first, last));
        in.held.resume(held, sizes, past.nextSequence);
        in.held.resumeAges(
                sum(sizes), age(past.kept.micros(first), wall), age(past.kept.micros(last), wall));
    }

    /** An age from the stored wall time, clamped to what cannot make a trigger later than it is. */
    private static Duration age(long micros, Instant wall) {
        Duration age = Duration.between(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), wall);
        if (age.isNegative()) {
            return Duration.ZERO;
        }
        return age.compareTo(LONGEST) > 0 ? LONGEST : age;
    }
}
