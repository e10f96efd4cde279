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
    /** More than {@code limit} records are held. */
    record MoreThan<T>(long limit) implements Trigger<T> {
        public MoreThan {
            check(limit >= 0, "moreThan(n) needs n >= 0, not " + limit);
        }
    }

    /** At least {@code limit} records are held. */
    record AtLeast<T>(long limit) implements Trigger<T> {
        public AtLeast {
            check(limit >= 1, "atLeast(n) needs n >= 1, not " + limit);
        }
    }

    /** At least {@code limit} encoded bytes are held. */
    record Bytes<T>(long limit) implements Trigger<T> {
        public Bytes {
            check(limit >= 1, "bytes(n) needs n >= 1, not " + limit);
        }
    }

    /** The first held record is this old. */
    record Age<T>(Duration limit) implements Trigger<T> {
        public Age {
            positive("age", limit);
        }
    }

    /** No record has come for this long. */
    record Idle<T>(Duration limit) implements Trigger<T> {
        public Idle {
            positive("idle", limit);
        }
    }

    /** The last release, or the beginning, is this long ago. */
    record Every<T>(Duration limit) implements Trigger<T> {
        public Every {
            positive("every", limit);
        }
    }

    /** One of the held records matches; each is asked about once, when it comes. */
    record Matching<T>(Predicate<? super T> predicate) implements Trigger<T> {}

    /** The whole held list matches. */
    record MatchingHeld<T>(Predicate<? super List<T>> predicate) implements Trigger<T> {}

    /** One of the conditions holds. */
    record AnyOf<T>(List<Trigger<T>> conditions) implements Trigger<T> {
        public AnyOf {
            conditions = List.copyOf(conditions);
        }
    }

    /** All of the conditions hold. */
    record AllOf<T>(List<Trigger<T>> conditions) implements Trigger<T> {
        public AllOf {
            conditions = List.copyOf(conditions);
            check(
                    !conditions.isEmpty(),
                    "allOf() of nothing would release every record at once; use atLeast(1) to say"
                            + " that");
        }
    }

    /** More than {@code limit} records, 0 or more: {@code moreThan(10)} releases 11. */
    static <T> Trigger<T> moreThan(long limit) {
        return new MoreThan<>(limit);
    }

    /** At least {@code limit} records, 1 or more: {@code atLeast(10)} releases 10. */
    static <T> Trigger<T> atLeast(long limit) {
        return new AtLeast<>(limit);
    }

    /** At least {@code limit} encoded bytes, 1 or more. */
    static <T> Trigger<T> bytes(long limit) {
        return new Bytes<>(limit);
    }

    /** {@code limit} since the first held record; positive, on the monotonic clock. */
    static <T> Trigger<T> age(Duration limit) {
        return new Age<>(limit);
    }

    /** {@code limit} without a new record; positive, on the monotonic clock. */
    static <T> Trigger<T> idle(Duration limit) {
        return new Idle<>(limit);
    }

    /** {@code limit} since the last release or the beginning; positive. */
    static <T> Trigger<T> every(Duration limit) {
        return new Every<>(limit);
    }

    /** One held record matches. The cost is one call per record. */
    static <T> Trigger<T> matching(Predicate<? super T> predicate) {
        return new Matching<>(predicate);
    }

    /**
     * The held list matches. The predicate is called for every record with the whole list, so that
     * one that walks it costs the square of the batch; it runs inside the buffer's lock and must
     * not call the buffer.
     */
    static <T> Trigger<T> matchingHeld(Predicate<? super List<T>> predicate) {
        return new MatchingHeld<>(predicate);
    }

    /** One of {@code conditions} holds; of none, it never does. */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only copied.
    static <T> Trigger<T> anyOf(Trigger<T>... conditions) {
        return new AnyOf<>(List.of(conditions));
    }

    /**
     * All of {@code conditions} hold.
     *
     * @throws IllegalArgumentException if there are none
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // Only copied.
    static <T> Trigger<T> allOf(Trigger<T>... conditions) {
        return new AllOf<>(List.of(conditions));
    }

    /** Whether there is any content and time at which this releases; false is a warning sign. */
    default boolean canRelease() {
        return switch (this) {
            case AnyOf<T> any -> any.conditions.stream().anyMatch(Trigger::canRelease);
            case AllOf<T> all -> all.conditions.stream().allMatch(Trigger::canRelease);
            default -> true;
        };
    }

    /** The highest number of records that one of the conditions waits for, or 0. */
    default long recordsNeeded() {
        return switch (this) {
            case MoreThan<T> count -> Math.addExact(count.limit, 1);
            case AtLeast<T> count -> count.limit;
            case AnyOf<T> any -> most(any.conditions);
            case AllOf<T> all -> most(all.conditions);
            default -> 0;
        };
    }

    /** True if a condition asks about encoded bytes, so that the caller has to measure them. */
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
