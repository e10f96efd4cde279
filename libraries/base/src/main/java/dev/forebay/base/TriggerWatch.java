package dev.forebay.base;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Trigger} at work on counts, bytes and ages: keeps these and says when it fires. It
 * knows no records, so that it serves whatever is held back, a page of a log as well as a buffer. A
 * holder of records that wants {@code matching} conditions answers them itself.
 *
 * <p><b>Guarantee.</b> For counts, bytes and time under {@code anyOf} an added record costs two
 * comparisons and no clock reading except for the first of a batch. Ages are monotonic and never
 * early.
 *
 * <p><b>Limit.</b> Not safe for use by several threads; the owner has a lock.
 *
 * @param <T> the type of record
 */
public final class TriggerWatch<T> implements Held {
    /** The kind of condition that decided, in the order of asking. */
    public enum Kind {
        /** A condition on records. */
        CUSTOM,
        /** The number of records. */
        COUNT,
        /** Their bytes. */
        BYTES,
        /** An age, an idle time, or a time since the last release. */
        TIME
    }

    /** A moment that never comes, as an answer of {@link #dueIn}. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final Trigger<T> trigger;
    private final Predicate<? super Trigger<T>> custom;

    /** The trigger's own order of asking, and for {@code anyOf} of plain limits the limits. */
    private final boolean plain;

    private final boolean asksRecords;
    private final boolean hasTime;
    private final boolean readsLast;
    private final long countLimit;
    private final long byteLimit;

    /** The shortest of each kind of time, in nanoseconds; {@link #NEVER} without one. */
    private final long ageLimit;

    private final long idleLimit;
    private final long everyLimit;

    private long count;
    private long bytes;
    private long firstAt;
    private long lastAt;
    private long releasedAt;
    private long now;
    private @Nullable Kind decided;

    /**
     * Watches for a trigger of counts, bytes and times, beginning now.
     *
     * @param trigger of counts, bytes and times
     * @param clock measures the times
     * @throws IllegalArgumentException if the trigger asks about records
     */
    public TriggerWatch(Trigger<T> trigger, Clock clock) {
        this(
                trigger,
                clock,
                condition -> {
                    throw new IllegalStateException("no answer to " + condition);
                });
        if (asksRecords) {
            throw new IllegalArgumentException(
                    "the trigger has a matching condition, and no records are kept here: use counts, bytes and times");
        }
    }

    /**
     * Watches for {@code trigger}, beginning now.
     *
     * @param trigger any
     * @param clock measures the times
     * @param custom whether a {@code matching} or {@code matchingHeld} condition holds now
     */
    public TriggerWatch(Trigger<T> trigger, Clock clock, Predicate<? super Trigger<T>> custom) {
        this.clock = clock;
        this.custom = custom;
        this.trigger = ordered(trigger);
        List<Trigger<T>> leaves = new ArrayList<>();
        boolean all = flatten(this.trigger, leaves);
        boolean asks = false;
        boolean time = false;
        boolean last = false;
        long mostRecords = NEVER;
        long mostBytes = NEVER;
        long age = NEVER;
        long idle = NEVER;
        long every = NEVER;
        for (Trigger<T> leaf : leaves) {
            switch (leaf) {
                case Trigger.MoreThan<T> c -> mostRecords = Math.min(mostRecords, c.limit());
                case Trigger.AtLeast<T> c -> mostRecords = Math.min(mostRecords, c.limit() - 1);
                case Trigger.Bytes<T> b -> mostBytes = Math.min(mostBytes, b.limit());
                case Trigger.Matching<T> _, Trigger.MatchingHeld<T> _ -> asks = true;
                case Trigger.Age<T> a -> {
                    age = Math.min(age, Nanos.of(a.limit()));
                    time = true;
                }
                case Trigger.Idle<T> i -> {
                    idle = Math.min(idle, Nanos.of(i.limit()));
                    last = true;
                    time = true;
                }
                case Trigger.Every<T> e -> {
                    every = Math.min(every, Nanos.of(e.limit()));
                    time = true;
                }
                default -> throw new IllegalStateException(leaf + " has parts");
            }
        }
        asksRecords = asks;
        plain = !all && !asks;
        hasTime = time;
        readsLast = last;
        countLimit = mostRecords;
        byteLimit = mostBytes;
        ageLimit = age;
        idleLimit = idle;
        everyLimit = every;
        releasedAt = clock.nanos();
    }

    /**
     * The time to give to {@link #added}; the clock is read only if the trigger needs it.
     *
     * @return nanoseconds, or 0 if no time is needed
     */
    public long readingForNext() {
        boolean dated = (hasTime || !plain) && (count == 0 || readsLast);
        return dated ? clock.nanos() : lastAt;
    }

    /**
     * Notes one more record.
     *
     * @param size its encoded bytes
     * @param at the {@link #readingForNext} before it came
     * @return whether it is time to release
     */
    public boolean added(long size, long at) {
        bytes += size;
        lastAt = at;
        if (++count == 1) {
            firstAt = at;
        }
        return plain ? isFull() : fires();
    }

    /**
     * Notes {@code more} records that came unnoticed; for a {@link #plain} trigger that they do not
     * fire and that asks neither their bytes nor when the last of them came.
     *
     * @param more 1 or more
     * @param cameAt the {@link #reading} when the first of them came
     */
    public void caughtUp(int more, long cameAt) {
        if (count == 0) {
            firstAt = cameAt;
        }
        count += more;
    }

    /**
     * The time in nanoseconds, read only if time can make this fire.
     *
     * @return nanoseconds of the clock, or 0
     */
    public long reading() {
        return hasTime ? clock.nanos() : 0;
    }

    /**
     * Whether it is time to release, asked now; {@link #decided} says by what.
     *
     * @return true if it is
     */
    public boolean fires() {
        if (count == 0) {
            return false;
        }
        now = clock.nanos();
        return plain ? soonest() == 0 : holds(trigger);
    }

    /**
     * What decided when this fired last; asked before {@link #released}.
     *
     * @return the kind of the condition that held
     */
    public Kind decided() {
        if (plain) {
            if (count > countLimit) {
                return Kind.COUNT;
            }
            return bytes >= byteLimit ? Kind.BYTES : Kind.TIME;
        }
        return Optional.ofNullable(decided).orElse(Kind.TIME);
    }

    /**
     * Monotonic nanoseconds until this fires with what is held now, or {@link #NEVER}.
     *
     * @return nanoseconds, 0 or less if the moment is past
     */
    public long dueIn() {
        if (count == 0 || !hasTime) {
            return NEVER;
        }
        now = clock.nanos();
        return plain ? soonest() : due(trigger);
    }

    /** Whether the count or the bytes fire a plain trigger. */
    private boolean isFull() {
        return count > countLimit || bytes >= byteLimit;
    }

    /** {@link #due} of a plain trigger, from its limits alone: the way of each release by time. */
    private long soonest() {
        if (isFull()) {
            return 0;
        }
        long due = left(ageLimit, firstAt);
        due = Math.min(due, left(idleLimit, lastAt));
        return Math.min(due, left(everyLimit, releasedAt));
    }

    private long left(long limit, long since) {
        return limit == NEVER ? NEVER : Math.max(0, limit - (now - since));
    }

    /**
     * Whether a new record can only move the moment of firing by time later, if at all.
     *
     * @return true if it can do no more
     */
    public boolean plain() {
        return plain;
    }

    /**
     * Whether time can make this fire at all.
     *
     * @return true if it can
     */
    public boolean hasTime() {
        return hasTime;
    }

    /** Everything held was let go: the facts begin again. */
    public void released() {
        long now = hasTime ? clock.nanos() : 0;
        count = 0;
        bytes = 0;
        decided = null;
        releasedAt = now;
    }

    /**
     * The oldest {@code n} held records, of {@code size} bytes together, were dropped.
     *
     * @param n how many records
     * @param size their encoded bytes
     */
    public void dropped(long n, long size) {
        count -= n;
        bytes -= size;
    }

    /**
     * Takes up what was held before a reopening; ages resume from the stored wall time, clamped by
     * the caller to zero or more.
     *
     * @param held how many records
     * @param size their encoded bytes
     * @param ageOfFirst of the oldest one
     * @param ageOfLast of the newest one
     */
    public void resume(long held, long size, Duration ageOfFirst, Duration ageOfLast) {
        count = held;
        bytes = size;
        long nanos = clock.nanos();
        firstAt = nanos - ageOfFirst.toNanos();
        lastAt = nanos - ageOfLast.toNanos();
    }

    private boolean holds(Trigger<T> condition) {
        return switch (condition) {
            case Trigger.MoreThan<T> c -> decide(Kind.COUNT, count > c.limit());
            case Trigger.AtLeast<T> c -> decide(Kind.COUNT, count >= c.limit());
            case Trigger.Bytes<T> b -> decide(Kind.BYTES, bytes >= b.limit());
            case Trigger.Age<T> _, Trigger.Idle<T> _, Trigger.Every<T> _ ->
                    decide(Kind.TIME, due(condition) == 0);
            case Trigger.Matching<T> _, Trigger.MatchingHeld<T> _ ->
                    decide(Kind.CUSTOM, custom.test(condition));
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

    /** How long until this holds if nothing comes; a count that is short never does. */
    private long due(Trigger<T> condition) {
        return switch (condition) {
            case Trigger.Age<T> a -> left(Nanos.of(a.limit()), firstAt);
            case Trigger.Idle<T> i -> left(Nanos.of(i.limit()), lastAt);
            case Trigger.Every<T> e -> left(Nanos.of(e.limit()), releasedAt);
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
