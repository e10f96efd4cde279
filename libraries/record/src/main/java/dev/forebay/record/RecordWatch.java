package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.base.TriggerWatch;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * A {@link TriggerWatch} that can also be asked about records.
 *
 * <p>What {@link Predicates} answered about each record is noted here. A predicate that throws an
 * exception counts as false and is counted. A component of {@link BufferState}.
 */
final class RecordWatch<T> {
    /** Counts, bytes and ages. */
    final TriggerWatch<T> facts;

    private final Predicates<T> predicates;
    private List<T> records = List.of();

    /** A bit for each predicate that held for a held record. */
    private long matched;

    private long predicateFailures;

    RecordWatch(Predicates<T> predicates, Trigger<T> trigger, Clock clock) {
        this.predicates = predicates;
        facts = new TriggerWatch<>(trigger, clock, this::holds);
    }

    private boolean holds(Trigger<T> condition) {
        return switch (condition) {
            case Trigger.Matching<T> m -> (matched & predicates.bit(m)) != 0;
            case Trigger.MatchingHeld<T> m -> test(m);
            default -> throw new IllegalStateException(condition + " asks about no records");
        };
    }

    private boolean test(Trigger.MatchingHeld<T> condition) {
        try {
            return condition.predicate().test(Collections.unmodifiableList(records));
        } catch (RuntimeException e) {
            predicateFailures++;
            return false;
        }
    }

    /** Notes one more record, the last of {@code held}; whether it is time to release. */
    boolean added(List<T> held, long size, long answer, long at) {
        if (!facts.plain()) {
            records = held;
            note(answer);
        }
        return facts.added(size, at);
    }

    private void note(long answer) {
        predicateFailures += answer < 0 ? 1 : 0;
        matched |= answer & Long.MAX_VALUE;
    }

    /** Takes up what was held before a reopening. */
    void resume(List<T> held, long size, Duration ageOfFirst, Duration ageOfLast) {
        records = held;
        held.forEach(record -> note(predicates.ask(record)));
        facts.resume(held.size(), size, ageOfFirst, ageOfLast);
    }

    /** Everything held was let go: the facts begin again. */
    void released() {
        facts.released();
        matched = 0;
        records = List.of();
    }

    /** How many calls of a predicate threw. */
    long predicateFailures() {
        return predicateFailures;
    }

    /** How many held records fire nothing, whenever they came; 0 if that is not known. */
    static <T> long easyLimit(Trigger<T> trigger) {
        return switch (trigger) {
            case Trigger.MoreThan<T> count -> count.limit();
            case Trigger.AtLeast<T> count -> count.limit() - 1;
            case Trigger.Age<T> _, Trigger.Every<T> _ -> Long.MAX_VALUE;
            case Trigger.AnyOf<T> any ->
                    any.conditions().stream()
                            .mapToLong(RecordWatch::easyLimit)
                            .min()
                            .orElse(Long.MAX_VALUE);
            default -> 0;
        };
    }

    /** Whether the moment of the last release matters, so that a clock is read at each. */
    static <T> boolean asksLastRelease(Trigger<T> trigger) {
        return switch (trigger) {
            case Trigger.Every<T> _ -> true;
            case Trigger.AnyOf<T> any ->
                    any.conditions().stream().anyMatch(RecordWatch::asksLastRelease);
            case Trigger.AllOf<T> all ->
                    all.conditions().stream().anyMatch(RecordWatch::asksLastRelease);
            default -> false;
        };
    }
}
