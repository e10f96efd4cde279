package dev.forebay.record;

import dev.forebay.base.Trigger;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code matching} conditions of a trigger, which are asked about each record once, with the
 * buffer's lock free. At most 63. Immutable.
 */
final class Predicates<T> {
    private final List<Trigger.Matching<T>> matchers = new ArrayList<>();

    Predicates(Trigger<T> trigger) {
        collect(trigger);
        if (matchers.size() > 63) {
            throw new IllegalArgumentException(
                    "at most 63 matching conditions, not %d; join some".formatted(matchers.size()));
        }
    }

    private void collect(Trigger<T> trigger) {
        switch (trigger) {
            case Trigger.Matching<T> matching -> matchers.add(matching);
            case Trigger.AnyOf<T> any -> any.conditions().forEach(this::collect);
            case Trigger.AllOf<T> all -> all.conditions().forEach(this::collect);
            default -> {}
        }
    }

    boolean isEmpty() {
        return matchers.isEmpty();
    }

    /**
     * Asks all conditions about one record.
     *
     * @return the {@link #bit} of each that holds; the sign bit too if a predicate threw
     */
    long ask(T record) {
        long answer = 0;
        for (int i = 0; i < matchers.size(); i++) {
            try {
                if (matchers.get(i).predicate().test(record)) {
                    answer |= 1L << i;
                }
            } catch (RuntimeException e) {
                answer |= Long.MIN_VALUE; // Counted from the sign bit, with the lock held.
            }
        }
        return answer;
    }

    long bit(Trigger.Matching<T> condition) {
        return 1L << matchers.indexOf(condition);
    }
}
