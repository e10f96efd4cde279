package dev.forebay.base;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Trigger} at work: keeps the facts it asks about and says when it fires.
 *
 * <p><b>Guarantee.</b> For counts, bytes and time under {@code anyOf} an added record costs two
 * comparisons and no clock reading except for the first of a batch. Ages are monotonic and never
 * early.
 *
 * <p><b>Limit.</b> Not safe for use by several threads; the owner has a lock. At most 63 {@code
 * matching} conditions.
 *
 * @param <T> the type of record
 */
public final class TriggerWatch<T> implements Held<T> {
    /** The kind of condition that decided, in the order of asking. */
    public enum Kind {
        CUSTOM,
        COUNT,
        BYTES,
        TIME
    }

    /** A moment that never comes, as an answer of {@link #dueIn}. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final Trigger<T> trigger;
    private final List<Trigger.Matching<T>> matchers = new ArrayList<>();

    /** The trigger's own order of asking, and for {@code anyOf} of plain limits the limits. */
    private final boolean plain;

    private final boolean hasTime;
    private final boolean readsLast;
    private final long countLimit;
    private final long byteLimit;

    private List<T> records = List.of();
    private long count;
    private long bytes;
    private long firstAt;
    private long lastAt;
    private long releasedAt;
    private long now;
    private long matched;
    private long predicateFailures;
    private @Nullable Kind decided;

    /** Watches for {@code trigger}, beginning now. */
    public TriggerWatch(Trigger<T> trigger, Clock clock) {
        this.clock = clock;
        this.trigger = ordered(trigger);
        List<Trigger<T>> leaves = new ArrayList<>();
        boolean all = flatten(this.trigger, leaves);
        boolean custom = false;
        boolean time = false;
        boolean last = false;
        long mostRecords = Long.MAX_VALUE;
        long mostBytes = Long.MAX_VALUE;
        for (Trigger<T> leaf : leaves) {
            switch (leaf) {
                case Trigger.MoreThan<T> c -> mostRecords = Math.min(mostRecords, c.limit());
                case Trigger.AtLeast<T> c -> mostRecords = Math.min(mostRecords, c.limit() - 1);
                case Trigger.Bytes<T> b -> mostBytes = Math.min(mostBytes, b.limit());
                case Trigger.Matching<T> m -> {
                    matchers.add(m);
                    custom = true;
                }
                case Trigger.MatchingHeld<T> _ -> custom = true;
                case Trigger.Idle<T> _ -> {
                    last = true;
                    time = true;
                }
                default -> time = true;
            }
        }
        if (matchers.size() > 63) {
            throw new IllegalArgumentException(
                    "at most 63 matching conditions, not " + matchers.size() + "; join some");
        }
        plain = !all && !custom;
        hasTime = time;
        readsLast = last;
        countLimit = mostRecords;
        byteLimit = mostBytes;
        releasedAt = clock.nanos();
    }

    /**
     * Asks the {@code matching} conditions about one record; needs no lock, and its answer goes to
     * {@link #added}.
     *
     * @return a set bit per match; the sign bit if a predicate threw
     */
    public long ask(T record) {
        if (matchers.isEmpty()) {
            return 0;
        }
        long answer = 0;
        for (int i = 0; i < matchers.size(); i++) {
            try {
                if (matchers.get(i).predicate().test(record)) {
                    answer |= 1L << i;
                }
            } catch (RuntimeException e) {
                // Neither releases nor loses; the caller counts it from the sign bit.
                answer |= Long.MIN_VALUE;
            }
        }
        return answer;
    }

    /**
     * Notes one more record.
     *
     * @param held all held records, this one included
     * @param size its encoded bytes
     * @param answer what {@link #ask} said about it
     * @return whether it is time to release
     */
    public boolean added(List<T> held, long size, long answer) {
        bytes += size;
        if (++count == 1 || readsLast) {
            noteTime();
        }
        if (plain) {
            return count > countLimit || bytes >= byteLimit;
        }
        records = held;
        if (answer < 0) {
            predicateFailures++;
        }
        matched |= answer & Long.MAX_VALUE;
        return fires();
    }

    /**
     * Notes {@code more} records that came unnoticed; for a {@link #plain} trigger that they do not
     * fire and that asks neither their bytes nor when the last of them came.
     *
     * @param cameAt the {@link #reading} when the first of them came
     */
    public void caughtUp(int more, long cameAt) {
        if (count == 0) {
            firstAt = cameAt;
        }
        count += more;
    }

    /** The time in nanoseconds, read only if time can make this fire. */
    public long reading() {
        return hasTime ? clock.nanos() : 0;
    }

    private void noteTime() {
        if (!hasTime && plain) {
            return;
        }
        lastAt = clock.nanos();
        if (count == 1) {
            firstAt = lastAt;
        }
    }

    /** Whether it is time to release, asked now; {@link #decided} says by what. */
    public boolean fires() {
        if (count == 0) {
            return false;
        }
        now = clock.nanos();
        return holds(trigger);
    }

    /** What decided when this fired last; asked before {@link #released}. */
    public Kind decided() {
        if (plain) {
            if (count > countLimit) {
                return Kind.COUNT;
            }
            return bytes >= byteLimit ? Kind.BYTES : Kind.TIME;
        }
        return Optional.ofNullable(decided).orElse(Kind.TIME);
    }

    /** Monotonic nanoseconds until this fires with what is held now, or {@link #NEVER}. */
    public long dueIn() {
        if (count == 0 || !hasTime) {
            return NEVER;
        }
        now = clock.nanos();
        return due(trigger);
    }

    /** Whether records are asked about one by one. */
    public boolean asks() {
        return !matchers.isEmpty();
    }

    /** Whether a new record can only move the moment of firing by time later, if at all. */
    public boolean plain() {
        return plain;
    }

    /** Whether time can make this fire at all. */
    public boolean hasTime() {
        return hasTime;
    }

    /** Everything held was let go: the facts begin again. */
    public void released() {
        count = 0;
        bytes = 0;
        matched = 0;
        decided = null;
        records = List.of();
        if (hasTime) {
            releasedAt = clock.nanos();
        }
    }

    /** The oldest {@code n} held records, of {@code size} bytes together, were dropped. */
    public void dropped(long n, long size) {
        count -= n;
        bytes -= size;
    }

    /**
     * Takes up what was held before a reopening; ages resume from the stored wall time, clamped by
     * the caller to zero or more.
     */
    public void resume(List<T> held, long size, Duration ageOfFirst, Duration ageOfLast) {
        records = held;
        count = held.size();
        bytes = size;
        long nanos = clock.nanos();
        firstAt = nanos - ageOfFirst.toNanos();
        lastAt = nanos - ageOfLast.toNanos();
        for (T record : held) {
            long answer = ask(record);
            predicateFailures += answer < 0 ? 1 : 0;
            matched |= answer & Long.MAX_VALUE;
        }
    }

    /** How many calls of a predicate threw. */
    public long predicateFailures() {
        return predicateFailures;
    }

    private boolean holds(Trigger<T> condition) {
        return switch (condition) {
            case Trigger.MoreThan<T> c -> decide(Kind.COUNT, count > c.limit());
            case Trigger.AtLeast<T> c -> decide(Kind.COUNT, count >= c.limit());
            case Trigger.Bytes<T> b -> decide(Kind.BYTES, bytes >= b.limit());
            case Trigger.Age<T> _, Trigger.Idle<T> _, Trigger.Every<T> _ ->
                    decide(Kind.TIME, due(condition) == 0);
            case Trigger.Matching<T> m ->
                    decide(Kind.CUSTOM, (matched & 1L << matchers.indexOf(m)) != 0);
            case Trigger.MatchingHeld<T> m -> decide(Kind.CUSTOM, test(m));
            case Trigger.AnyOf<T> any -> {
                for (Trigger<T> part : any.conditions()) {
                    if (holds(part)) {
                        yield true;
                    }
                }
                yield false;
            }
            case Trigger.AllOf<T> all -> {
                for (Trigger<T> part : all.conditions()) {
                    if (!holds(part)) {
                        yield false;
                    }
                }
                yield true;
            }
        };
    }

    private boolean decide(Kind kind, boolean answer) {
        if (answer) {
            decided = kind;
        }
        return answer;
    }

    private boolean test(Trigger.MatchingHeld<T> condition) {
        try {
            return condition.predicate().test(records());
        } catch (RuntimeException e) {
            predicateFailures++;
            return false;
        }
    }

    /** How long until this holds if nothing comes; a count that is short never does. */
    private long due(Trigger<T> condition) {
        return switch (condition) {
            case Trigger.Age<T> a -> Math.max(0, Nanos.of(a.limit()) - (now - firstAt));
            case Trigger.Idle<T> i -> Math.max(0, Nanos.of(i.limit()) - (now - lastAt));
            case Trigger.Every<T> e -> Math.max(0, Nanos.of(e.limit()) - (now - releasedAt));
            case Trigger.AnyOf<T> any ->
                    any.conditions().stream().mapToLong(this::due).min().orElse(NEVER);
            case Trigger.AllOf<T> all ->
                    all.conditions().stream().mapToLong(this::due).max().orElse(NEVER);
            default -> holds(condition) ? 0 : NEVER;
        };
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public Duration ageOfFirst() {
        return count == 0 ? Duration.ZERO : Duration.ofNanos(clock.nanos() - firstAt);
    }

    @Override
    public Duration ageOfLast() {
        return count == 0 ? Duration.ZERO : Duration.ofNanos(clock.nanos() - lastAt);
    }

    @Override
    public Duration sinceRelease() {
        return Duration.ofNanos(clock.nanos() - releasedAt);
    }

    @Override
    public List<T> records() {
        return Collections.unmodifiableList(records);
    }

    private static <T> Trigger<T> ordered(Trigger<T> trigger) {
        return switch (trigger) {
            case Trigger.AnyOf<T> any -> new Trigger.AnyOf<>(sort(any.conditions()));
            case Trigger.AllOf<T> all -> new Trigger.AllOf<>(sort(all.conditions()));
            default -> trigger;
        };
    }

    private static <T> List<Trigger<T>> sort(List<Trigger<T>> conditions) {
        return conditions.stream()
                .<Trigger<T>>map(TriggerWatch::ordered)
                .sorted(Comparator.comparingInt(TriggerWatch::rank))
                .toList();
    }

    private static <T> int rank(Trigger<T> condition) {
        return switch (condition) {
            case Trigger.Matching<T> _, Trigger.MatchingHeld<T> _ -> 0;
            case Trigger.MoreThan<T> _, Trigger.AtLeast<T> _ -> 1;
            case Trigger.Bytes<T> _ -> 2;
            case Trigger.Age<T> _, Trigger.Idle<T> _, Trigger.Every<T> _ -> 3;
            case Trigger.AnyOf<T> any ->
                    any.conditions().stream().mapToInt(TriggerWatch::rank).min().orElse(3);
            case Trigger.AllOf<T> all ->
                    all.conditions().stream().mapToInt(TriggerWatch::rank).min().orElse(3);
        };
    }

    /** Collects the leaves; true if an allOf of several stands among them. */
    private static <T> boolean flatten(Trigger<T> trigger, List<Trigger<T>> leaves) {
        boolean all = false;
        switch (trigger) {
            case Trigger.AnyOf<T> any -> {
                for (Trigger<T> part : any.conditions()) {
                    all |= flatten(part, leaves);
                }
            }
            case Trigger.AllOf<T> parts -> {
                all = true;
                for (Trigger<T> part : parts.conditions()) {
                    flatten(part, leaves);
                }
            }
            default -> leaves.add(trigger);
        }
        return all;
    }
}
