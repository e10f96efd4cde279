package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TriggerTest {
    static Stream<Arguments> wrong() {
        return Stream.of(
                refused("moreThan(n) needs n >= 0, not -1", () -> Trigger.moreThan(-1)),
                refused("atLeast(n) needs n >= 1, not 0", () -> Trigger.atLeast(0)),
                refused("bytes(n) needs n >= 1, not 0", () -> Trigger.bytes(0)),
                refused("age(d) needs d > 0, not PT0S", () -> Trigger.age(Duration.ZERO)),
                refused("idle(d) needs d > 0, not PT-1S", () -> Trigger.idle(seconds(-1))),
                refused("every(d) needs d > 0, not PT0S", () -> Trigger.every(Duration.ZERO)),
                refused(
                        "allOf() of nothing would release every record at once; use atLeast(1) to"
                                + " say that",
                        Trigger::allOf));
    }

    private static Arguments refused(String message, ThrowingCallable making) {
        return Arguments.of(message, making);
    }

    private static Duration seconds(long n) {
        return Duration.ofSeconds(n);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aLimitThatMakesNoSenseIsRefused(String message, ThrowingCallable making) {
        assertThatThrownBy(making).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void aTriggerThatCanNeverFireIsToldApart() {
        assertThat(Trigger.anyOf().canRelease()).isFalse();
        assertThat(Trigger.allOf(Trigger.atLeast(1), Trigger.anyOf()).canRelease()).isFalse();
        assertThat(Trigger.anyOf(Trigger.anyOf(), Trigger.atLeast(1)).canRelease()).isTrue();
    }

    @Test
    void whatATriggerNeedsToKnowIsSaid() {
        assertThat(Trigger.moreThan(10).recordsNeeded()).isEqualTo(11);
        assertThat(Trigger.anyOf(Trigger.atLeast(3), Trigger.allOf(Trigger.atLeast(7))))
                .satisfies(trigger -> {
                    assertThat(trigger.recordsNeeded()).isEqualTo(7);
                    assertThat(trigger.needsBytes()).isFalse();
                });
        assertThat(Trigger.anyOf(Trigger.atLeast(3), Trigger.allOf(Trigger.bytes(7))).needsBytes())
                .isTrue();
        assertThatThrownBy(() -> Trigger.moreThan(Long.MAX_VALUE).recordsNeeded())
                .isInstanceOf(ArithmeticException.class);
    }
}
