package dev.forebay.run.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.RunState;
import dev.forebay.run.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Keeps what an executor observes, and the state of each run that follows from it. */
public final class Observed implements Watcher {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Map<Long, List<Observation>> all = new HashMap<>();

    @Override
    public void observed(long run, Observation observation) {
        lock.lock();
        try {
            all.computeIfAbsent(run, _ -> new ArrayList<>()).add(observation);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public List<Observation> of(long run) {
        lock.lock();
        try {
            return List.copyOf(all.getOrDefault(run, List.of()));
        } finally {
            lock.unlock();
        }
    }

    public RunState state(long run) {
        RunState state = RunState.pending();
        for (Observation observation : of(run)) {
            state = state.after(observation);
        }
        return state;
    }

    /** Waits for the end of the run, which must come once and last. */
    public Outcome awaitEnd(long run) throws InterruptedException {
        await(run, state -> state.status().isFinal());
        assertThat(of(run).stream().filter(Observation.Ended.class::isInstance)).hasSize(1);
        assertThat(of(run).getLast()).isInstanceOf(Observation.Ended.class);
        return end(run).outcome();
    }

    /** That of a run that has ended. */
    public Observation.Ended end(long run) {
        return (Observation.Ended) of(run).getLast();
    }

    public void awaitStart(long run) throws InterruptedException {
        await(run, state -> state.startedAt().isPresent());
    }

    private void await(long run, Predicate<RunState> wanted) throws InterruptedException {
        long left = PATIENCE.toNanos();
        lock.lockInterruptibly();
        try {
            while (!wanted.test(state(run)) && left > 0) {
                left = changed.awaitNanos(left);
            }
            assertThat(state(run)).as("run %d within %s", run, PATIENCE).matches(wanted);
        } finally {
            lock.unlock();
        }
    }
}
