package dev.forebay.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a buffer under {@code atLeast} does, said in plain lists: the model of its tests. */
final class PlainLists {
    /** How a buffer is opened; all of it may change between two openings. */
    record Settings(int threshold, int maxBatch, int capacity, WhenFull whenFull) {}

    /** What becomes of records that are added. */
    enum Fate {
        KEPT,
        DROPPED,
        REFUSED
    }

    private static final class Released {
        private final List<String> records;
        private boolean spilled;

        Released(List<String> records) {
            this.records = records;
        }
    }

    private final Deque<Released> ready = new ArrayDeque<>();
    private final List<List<String>> dead = new ArrayList<>();
    private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    private Settings settings;
    private List<String> held = new ArrayList<>();
    private Optional<Released> out = Optional.empty();
    private boolean armed;
    private long accepted;
    private long committed;

    PlainLists(Settings settings) {
        this.settings = settings;
    }

    Settings settings() {
        return settings;
    }

    /** Its process died, or closed it, and another has opened it. */
    void reopened(Settings now) {
        out.ifPresent(ready::addFirst);
        out = Optional.empty();
        ready.forEach(batch -> batch.spilled = false);
        armed = false;
        settings = now;
        ask();
    }

    Fate add(List<String> records) {
        int count = records.size();
        if (count > settings.capacity) {
            return Fate.REFUSED;
        }
        if (count > 0 && inMemory() + count > settings.capacity) {
            Fate fate = makeRoom(count);
            if (fate == Fate.DROPPED) {
                accepted += count;
                drop(DropReason.NEWEST, count);
            }
            if (fate != Fate.KEPT) {
                return fate;
            }
        }
        accepted += count;
        held.addAll(records);
        ask();
        return Fate.KEPT;
    }

    private Fate makeRoom(int count) {
        return switch (settings.whenFull) {
            case WhenFull.Block _, WhenFull.Reject _ -> Fate.REFUSED;
            case WhenFull.DropNewest _ -> Fate.DROPPED;
            case WhenFull.DropOldest _ -> dropOldest(count);
            case WhenFull.Spill _ -> spill(count);
        };
    }

    /** Whole batches, then held records one by one, and nothing if that would not do. */
    private Fate dropOldest(int count) {
        if (inFlight() + count > settings.capacity) {
            return Fate.REFUSED;
        }
        while (inMemory() + count > settings.capacity) {
            if (ready.isEmpty()) {
                held.removeFirst();
                drop(DropReason.OLDEST, 1);
            } else {
                drop(DropReason.OLDEST, ready.remove().records.size());
            }
        }
        return Fate.KEPT;
    }

    private Fate spill(int count) {
        for (Released batch : ready.reversed()) {
            batch.spilled |= inMemory() + count > settings.capacity;
        }
        return inMemory() + count > settings.capacity ? Fate.REFUSED : Fate.KEPT;
    }

    private long inMemory() {
        return held.size()
                + inFlight()
                + ready.stream().filter(b -> !b.spilled).mapToLong(b -> b.records.size()).sum();
    }

    private void drop(DropReason reason, long count) {
        dropped.merge(reason, count, Long::sum);
    }

    /** The trigger is asked, or the flag is there. */
    private void ask() {
        if (armed || held.size() >= settings.threshold) {
            flush();
        }
        armed = false;
    }

    void flush() {
        for (int from = 0; from < held.size(); from += settings.maxBatch) {
            int to = (int) Math.min(held.size(), (long) from + settings.maxBatch);
            ready.add(new Released(List.copyOf(held.subList(from, to))));
        }
        held = new ArrayList<>();
    }

    void arm() {
        armed = true;
    }

    int reset() {
        int count = held.size();
        if (count > 0) {
            drop(DropReason.RESET, count);
        }
        held.clear();
        armed = false;
        return count;
    }

    /** The next batch, if none is out. */
    Optional<List<String>> take() {
        if (out.isPresent() || ready.isEmpty()) {
            return Optional.empty();
        }
        Released batch = ready.remove();
        batch.spilled = false;
        out = Optional.of(batch);
        return Optional.of(batch.records);
    }

    private List<String> leave() {
        List<String> records = out.orElseThrow().records;
        out = Optional.empty();
        return records;
    }

    void commit() {
        committed += leave().size();
    }

    void fail() {
        ready.addFirst(new Released(leave()));
    }

    void split() {
        List<String> records = leave();
        int half = records.size() / 2;
        ready.addFirst(new Released(records.subList(half, records.size())));
        ready.addFirst(new Released(records.subList(0, half)));
    }

    void deadLetter() {
        List<String> records = leave();
        dead.add(records);
        drop(DropReason.DEAD_LETTER, records.size());
    }

    List<List<String>> dead() {
        return dead;
    }

    int heldBack() {
        return held.size();
    }

    long waiting() {
        return ready.stream().mapToLong(batch -> batch.records.size()).sum();
    }

    long inFlight() {
        return out.map(batch -> batch.records.size()).orElse(0);
    }

    long left() {
        return heldBack() + waiting() + inFlight();
    }

    /** A memory buffer was closed: what is left is lost. */
    void lost() {
        if (left() > 0) {
            drop(DropReason.CLOSED, left());
        }
        held.clear();
        ready.clear();
        out = Optional.empty();
    }

    Ledger ledger() {
        return new Ledger(accepted, committed, left(), dropped);
    }
}
