package dev.forebay.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunStateTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static RunState after(Observation... observations) {
        RunState state = RunState.pending();
        for (Observation observation : observations) {
            state = state.after(observation);
        }
        return state;
    }

    private static Observation started() {
        return new Observation.Started(NOON);
    }

    private static Observation ended(Outcome outcome) {
        return new Observation.Ended(outcome, NOON.plusSeconds(2));
    }

    @Test
    void runThatEndsHasTimesAndNoReason() {
        assertThat(after(started()).running()).isEqualTo(1);
        assertThat(after(started(), ended(Outcome.exited(0))))
                .isEqualTo(
                        new RunState(
                                RunStatus.SUCCEEDED,
                                Optional.empty(),
                                0,
                                Optional.of(NOON),
                                Optional.of(NOON.plusSeconds(2))));
    }

    @Test
    void finalStateIsReachedOnce() {
        List<Outcome> outcomes =
                List.of(Outcome.exited(0), Outcome.exited(1), Outcome.canceled("by user"));
        for (Outcome first : outcomes) {
            RunState end = after(started(), ended(first));
            assertThat(end.status()).isEqualTo(first.status());
            for (Outcome second : outcomes) {
                assertThat(end.after(ended(second))).isSameAs(end);
            }
            assertThat(end.after(new Observation.CancelAsked("late"))).isSameAs(end);
            assertThat(end.after(started())).isSameAs(end);
        }
    }

    @Test
    void cancelIsAskedOnceAndEndsAsTheExecutorSays() {
        RunState asked = after(started(), new Observation.CancelAsked("by user"));
        assertThat(asked.status()).isEqualTo(RunStatus.CANCELING);
        assertThat(asked.after(new Observation.CancelAsked("again"))).isSameAs(asked);
        assertThat(asked.after(ended(Outcome.canceled("by user"))).status())
                .isEqualTo(RunStatus.CANCELED);
        assertThat(asked.after(ended(Outcome.exited(0))).reason()).isEmpty();
    }

    @Test
    void startDuringCancelIsNoted() {
        RunState state = after(new Observation.CancelAsked("by user"), started());
        assertThat(state.status()).isEqualTo(RunStatus.CANCELING);
        assertThat(state.startedAt()).contains(NOON);
    }

    @Test
    void clockThatIsSetBackMakesNoEndBeforeTheStart() {
        RunState state =
                after(started(), new Observation.Ended(Outcome.exited(0), NOON.minusSeconds(5)));
        assertThat(state.finishedAt()).contains(NOON);
    }

    @Test
    void wordsOfStatusAreReadInAnyCase() {
        assertThat(RunStatus.of("cAnceling")).contains(RunStatus.CANCELING);
        assertThat(RunStatus.of("done")).isEmpty();
        assertThat(RunStatus.SUCCEEDED.text()).isEqualTo("Succeeded");
    }

    @Test
    void outcomeSaysWhy() {
        assertThat(Outcome.exited(137).reason())
                .contains("Main exited with code 137, as after signal 9");
        assertThat(Outcome.timedOut(Duration.ofMinutes(1)).reason())
                .contains("Run exceeded its timeout of 60 seconds");
        assertThat(
                        Outcome.transferFailed(new TransferFailure(Parameter.output("x"), "full"))
                                .reason())
                .contains("output x: full");
        assertThatThrownBy(() -> new Outcome(RunStatus.RUNNING, Optional.of("why")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Outcome(RunStatus.FAILED, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
