package dev.forebay.record;

import dev.forebay.base.Trigger;

/**
 * What the fast way of adding needs to know of a trigger.
 *
 * @param easyLimit so many held records fire nothing, however they come; 0 if that cannot be said
 * @param asksLastRelease whether the moment of the last release matters, so that a clock has to be
 *     read at each
 */
record TriggerFacts(long easyLimit, boolean asksLastRelease) {
    static <T> TriggerFacts of(Trigger<T> trigger) {
        return new TriggerFacts(easyLimit(trigger), asksLastRelease(trigger));
    }

    private static <T> long easyLimit(Trigger<T> trigger) {
        return switch (trigger) {
            case Trigger.MoreThan<T> count -> count.limit();
            case Trigger.AtLeast<T> count -> count.limit() - 1;
            case Trigger.Age<T> _, Trigger.Every<T> _ -> Long.MAX_VALUE;
            case Trigger.AnyOf<T> any ->
                    any.conditions().stream()
                            .mapToLong(TriggerFacts::easyLimit)
                            .min()
                            .orElse(Long.MAX_VALUE);
            default -> 0;
        };
    }

    private static <T> boolean asksLastRelease(Trigger<T> trigger) {
        return switch (trigger) {
            case Trigger.Every<T> _ -> true;
            case Trigger.AnyOf<T> any ->
                    any.conditions().stream().anyMatch(TriggerFacts::asksLastRelease);
            case Trigger.AllOf<T> all ->
                    all.conditions().stream().anyMatch(TriggerFacts::asksLastRelease);
            default -> false;
        };
    }
}
