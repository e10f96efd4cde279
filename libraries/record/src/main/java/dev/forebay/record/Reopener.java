package dev.forebay.record;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;

/** Puts a buffer back to where its journal says it was. The buffer's lock is held. */
final class Reopener<T> {
    /** An age that no trigger's limit is compared with any more. */
    private static final Duration LONGEST = Duration.ofDays(10_000);

    private final Interior<T> in;
    private final Notebook<T> notes;

    Reopener(Interior<T> in, Notebook<T> notes) {
        this.in = in;
        this.notes = notes;
    }

    Reopening reopen(long startedNanos) {
        History<T> history = notes.history();
        if (history.lostFrames > 0) {
            adopt(new Mending<>(history).mend(), history);
        }
        in.books.resume(history.committed, history.nextBatch, history.dropped);
        history.dead.values().forEach(in.dead::put);
        for (History.Released batch : history.inOrder()) {
            in.outgoing.offer(batch(batch, history.of(batch)));
        }
        hold(history.held(), history.nextSequence);
        long records = history.kept.size();
        long batches = history.batches.size();
        in.announcer.event(listener -> listener.recovered(records, batches));
        RecordLog.Opened opened = notes.opened();
        return new Reopening(
                records,
                batches,
                Duration.ofNanos(in.clock.nanos() - startedNanos),
                opened.scannedBytes(),
                opened.torn(),
                opened.tornFrames(),
                history.lostFrames);
    }

    private void adopt(List<Mending.Orphans> orphans, History<T> history) {
        for (Mending.Orphans run : orphans) {
            long id = history.nextBatch++;
            long noted = notes.batch(id, run.first(), run.last(), Cause.FLUSH);
            history.batches.put(
                    id,
                    new History.Released(
                            id, run.first(), run.last(), Cause.FLUSH, 0, noted, in.clock.wall()));
        }
    }

    private Batch<T> batch(History.Released batch, NavigableMap<Long, History.Kept<T>> members) {
        List<T> records = new ArrayList<>(members.size());
        members.values().forEach(kept -> records.add(kept.record()));
        int[] sizes = sizes(members);
        return new Batch<>(
                batch.id(),
                batch.first(),
                records.size(),
                records,
                batch.cause(),
                batch.failures() + 1,
                Arrays.stream(sizes).asLongStream().sum(),
                batch.position(),
                in.clock.nanos() - age(batch.time()).toNanos(),
                sizes);
    }

    private int[] sizes(NavigableMap<Long, History.Kept<T>> members) {
        return members.values().stream()
                .mapToInt(kept -> in.size(kept.record(), kept.bytes()))
                .toArray();
    }

    private void hold(NavigableMap<Long, History.Kept<T>> rest, long next) {
        List<T> held = new ArrayList<>(rest.size());
        rest.values().forEach(kept -> held.add(kept.record()));
        int[] sizes = sizes(rest);
        long bytes = Arrays.stream(sizes).asLongStream().sum();
        in.holding.resume(held, sizes, next);
        if (!rest.isEmpty()) {
            in.holding.watch.resume(
                    in.holding.records(),
                    bytes,
                    age(rest.firstEntry().getValue().time()),
                    age(rest.lastEntry().getValue().time()));
        }
    }

    /** An age from the stored wall time, clamped to what cannot make a trigger later than it is. */
    private Duration age(Instant time) {
        Duration age = Duration.between(time, in.clock.wall());
        if (age.isNegative()) {
            return Duration.ZERO;
        }
        return age.compareTo(LONGEST) > 0 ? LONGEST : age;
    }
}
