package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.base.TriggerWatch;
import dev.forebay.testkit.ManualClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a trigger asks about records. */
class RecordWatchTest {
    private final List<String> held = new ArrayList<>();

    private Predicates<String> predicates = new Predicates<>(Trigger.atLeast(1));

    private RecordWatch<String> watch(Trigger<String> trigger) {
        predicates = new Predicates<>(trigger);
        return new RecordWatch<>(predicates, trigger, new ManualClock());
    }

    private boolean add(RecordWatch<String> watch, String record) {
        held.add(record);
        long answer = predicates.ask(record);
        return watch.added(held, record.length(), answer, watch.facts.readingForNext());
    }

    @Test
    void oneThatMatchesReleasesAndIsAskedOnce() {
        int[] asked = new int[1];
        RecordWatch<String> watch =
                watch(
                        Trigger.matching(record -> {
                            asked[0]++;
                            return record.equals("now");
                        }));
        assertThat(List.of(add(watch, "a"), add(watch, "now"))).containsExactly(false, true);
        assertThat(watch.facts.decided()).isEqualTo(TriggerWatch.Kind.CUSTOM);
        assertThat(watch.facts.fires()).isTrue();
        assertThat(asked[0]).isEqualTo(2);
        watch.released();
        held.clear();
        assertThat(add(watch, "b")).isFalse();
    }

    @Test
    void heldListIsShownReadOnly() {
        AtomicReference<List<String>> shown = new AtomicReference<>(List.of());
        RecordWatch<String> watch =
                watch(
                        Trigger.matchingHeld(list -> {
                            shown.set(list);
                            return list.size() == 2;
                        }));
        assertThat(List.of(add(watch, "a"), add(watch, "b"))).containsExactly(false, true);
        assertThatThrownBy(() -> Objects.requireNonNull(shown.get()).add("c"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void predicateThatThrowsIsFalseAndCounted() {
        Trigger<String> broken =
                Trigger.matching(record -> {
                    throw new IllegalStateException(record);
                });
        Trigger<String> alsoBroken =
                Trigger.matchingHeld(list -> {
                    throw new IllegalStateException(list.toString());
                });
        RecordWatch<String> watch = watch(Trigger.anyOf(broken, alsoBroken, Trigger.atLeast(2)));
        assertThat(List.of(add(watch, "a"), add(watch, "b"))).containsExactly(false, true);
        assertThat(watch.predicateFailures()).isEqualTo(4);
        assertThat(watch.facts.decided()).isEqualTo(TriggerWatch.Kind.COUNT);
    }

    @Test
    void sixtyFourMatchingConditionsAreOneTooMany() {
        Trigger<String> one = Trigger.matching(_ -> true);
        Trigger<String> many = new Trigger.AnyOf<>(Collections.nCopies(64, one));
        assertThatThrownBy(() -> watch(many)).hasMessageContaining("at most 63");
    }
}
