package dev.forebay.base;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * A value that says when what is held back is let go.
 *
 * <p><b>Guarantee.</b> A trigger has no state and is checked when it is built. Conditions under
 * {@link #anyOf} and {@link #allOf} are asked custom, count, bytes, time, whatever order they were
 * written in, and only until the outcome is known; no clock depends on having been asked. A
 * predicate that throws counts as false.
 *
 * <p><b>Limit.</b> Nothing fires while nothing is held. A trigger that can never fire is a legal
 * value; {@link #canRelease} tells.
 *
 * @param <T> the type of record
 */
public sealed interface Trigger<T> {
    /**
     * More than {@code limit} records are held.
     *
     * @param <T> what a record is
     * @param limit 0 or more
     */
    record MoreThan<T>(long limit) implements Trigger<T> {
        /** Checks the limit. */
        public MoreThan {
            check(limit >= 0, "moreThan(n) needs n >= 0, not " + limit);
        }
    }

    /**
     * At least {@code limit} records are held.
     *
     * @param <T> what a record is
     * @param limit 1 or more
     */
    record AtLeast<T>(long limit) implements Trigger<T> {
        /** Checks the limit. */
        public AtLeast {
            check(limit >= 1, "atLeast(n) needs n >= 1, not " + limit);
        }
    }

    /**
     * At least {@code limit} encoded bytes are held.
     *
     * @param <T> what a record is
     * @param limit 1 or more
     */
    record Bytes<T>(long limit) implements Trigger<T> {
        /** Checks the limit. */
        public Bytes {
            check(limit >= 1, "bytes(n) needs n >= 1, not " + limit);
        }
    }

    /**
     * The first held record is this old.
     *
     * @param <T> what a record is
     * @param limit positive
     */
    record Age<T>(Duration limit) implements Trigger<T> {
        /** Checks the limit. */
        public Age {
            positive("age", limit);
        }
    }

    /**
     * No record has come for this long.
     *
     * @param <T> what a record is
     * @param limit positive
     */
    record Idle<T>(Duration limit) implements Trigger<T> {
        /** Checks the limit. */
        public Idle {
            positive("idle", limit);
        }
    }

    /**
     * The last release, or the beginning, is this long ago.
     *
     * @param <T> what a record is
     * @param limit positive
     */
    record Every<T>(Duration limit) implements Trigger<T> {
        /** Checks the limit. */
        public Every {
            positive("every", limit);
        }
    }

    /**
     * One of the held records matches; each is asked about once, when it comes.
     *
     * @param <T> what a record is
     * @param predicate is called once for each record, without the buffer's lock
     */
    record Matching<T>(Predicate<? super T> predicate) implements Trigger<T> {}

    /**
     * The whole held list matches.
     *
     * @param <T> what a record is
     * @param predicate is called for each record that comes, with the buffer's lock
     */
    record MatchingHeld<T>(Predicate<? super List<T>> predicate) implements Trigger<T> {}

    /**
     * One of the conditions holds.
     *
     * @param <T> what a record is
     * @param conditions of which one is enough
     */
    record AnyOf<T>(List<Trigger<T>> conditions) implements Trigger<T> {
        /** Copies the list. */
        public AnyOf {
            conditions = List.copyOf(conditions);
        }
    }

    /**
     * All of the conditions hold.
     *
     * @param <T> what a record is
     * @param conditions of which all are needed, one at least
     */
    record AllOf<T>(List<Trigger<T>> conditions) implements Trigger<T> {
        /** Copies the list, and checks that it is not empty. */
        public AllOf {
            conditions = List.copyOf(conditions);
            check(
                    !conditions.isEmpty(),
                    "allOf() of nothing would release every record at once; use atLeast(1) to say"
                            + " that");
        }
    }

    /**
     * More than {@code limit} records, 0 or more: {@code moreThan(10)} releases 11.
     *
     * @param <T> what a record is
     * @param limit 0 or more
     * @return that condition
     */
    static <T> Trigger<T> moreThan(long limit) {
        return new MoreThan<>(limit);
    }

    /**
     * At least {@code limit} records, 1 or more: {@code atLeast(10)} releases 10.
     *
     * @param <T> what a record is
     * @param limit 1 or more
     * @return that condition
     */
    static <T> Trigger<T> atLeast(long limit) {
        return new AtLeast<>(limit);
    }

    /**
     * At least {@code limit} encoded bytes, 1 or more.
     *
     * @param <T> what a record is
     * @param limit 1 or more
     * @return that condition
     */
    static <T> Trigger<T> bytes(long limit) {
        return new Bytes<>(limit);
    }

    /**
     * {@code limit} since the first held record; positive, on the monotonic clock.
     *
     * @param <T> what a record is
     * @param limit positive
     * @return that condition
     */
    static <T> Trigger<T> age(Duration limit) {
        return new Age<>(limit);
    }

    /**
     * {@code limit} without a new record; positive, on the monotonic clock.
     *
     * @param <T> what a record is
     * @param limit positive
     * @return that condition
     */
    static <T> Trigger<T> idle(Duration limit) {
        return new Idle<>(limit);
    }

    /**
     * {@code limit} since the last release or the beginning; positive.
     *
     * @param <T> what a record is
     * @param limit positive
     * @return that condition
     */
    static <T> Trigger<T> every(Duration limit) {
        return new Every<>(limit);
    }

    /**
     * One held record matches. The cost is one call per record.
     *
     * @param <T> what a record is
     * @param predicate must be quick, and is called without the buffer's lock
     * @return that condition
     */
    static <T> Trigger<T> matching(Predicate<? super T> predicate) {
        return new Matching<>(predicate);
    }

    /**
     * The held list matches. The predicate is called for every record with the whole list, so that
     * one that walks it costs the square of the batch; it runs inside the buffer's lock and must
     * not call the buffer.
     *
     * @param <T> what a record is
     * @param predicate takes all that is held, in order
     * @return that condition
     */
    static <T> Trigger<T> matchingHeld(Predicate<? super List<T>> predicate) {
        return new MatchingHeld<>(predicate);
    }

    /**
     * One of {@code conditions} holds; of none, it never does.
     *
     * @param <T> what a record is
     * @param conditions of which one is enough
     * @return that condition
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only copied.
    static <T> Trigger<T> anyOf(Trigger<T>... conditions) {
        return new AnyOf<>(List.of(conditions));
    }

    /**
     * All of {@code conditions} hold.
     *
     * @param <T> what a record is
     * @param conditions of which all are needed
     * @return that condition
     * @throws IllegalArgumentException if there are none
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only copied.
    static <T> Trigger<T> allOf(Trigger<T>... conditions) {
        return new AllOf<>(List.of(conditions));
    }

    /**
     * Whether there is any content and time at which this releases; false is a warning sign.
     *
     * @return false if it never does
     */
    default boolean canRelease() {
        return switch (this) {
            case AnyOf<T> any -> any.conditions.stream().anyMatch(Trigger::canRelease);
            case AllOf<T> all -> all.conditions.stream().allMatch(Trigger::canRelease);
            default -> true;
        };
    }

    /** {@return the highest number of records that one of the conditions waits for, or 0} */
    default long recordsNeeded() {
        return switch (this) {
            case MoreThan<T> count -> Math.addExact(count.limit, 1);
            case AtLeast<T> count -> count.limit;
            case AnyOf<T> any -> most(any.conditions);
            case AllOf<T> all -> most(all.conditions);
            default -> 0;
        };
    }

    /**
     * True if a condition asks about encoded bytes, so that the caller has to measure them.
     *
     * @return whether one does
     */
    default boolean needsBytes() {
        return switch (this) {
            case Bytes<T> _ -> true;
            case AnyOf<T> any -> any.conditions.stream().anyMatch(Trigger::needsBytes);
            case AllOf<T> all -> all.conditions.stream().anyMatch(Trigger::needsBytes);
            default -> false;
        };
    }

    private static <T> long most(List<Trigger<T>> conditions) {
        return conditions.stream().mapToLong(Trigger::recordsNeeded).max().orElse(0);
    }

    private static void positive(String name, Duration limit) {
        check(limit.isPositive(), name + "(d) needs d > 0, not " + limit);
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
