package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Pauses;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Repeats a task on a thread of its own, with a pause before each run.
 *
 * <p><b>Guarantee.</b> What a run throws, an {@link Error} included, is kept as {@link #fault}
 * until a run succeeds, and the next run comes as ever. An interrupt ends neither thread nor pause.
 * Once {@link #close} has returned no run is under way and none follows, so what the task works on
 * may be closed. If the thread itself ends early, {@link #fault} says so for good.
 *
 * <p><b>Limit.</b> Closing waits for the run that is under way. Safe for use by many threads.
 */
final class Periodic implements AutoCloseable {
    /** What is repeated. */
    @FunctionalInterface
    interface Task {
        /**
         * Runs once.
         *
         * @param closing true once {@link Periodic#close} waits for this run, which may end early
         */
        void run(BooleanSupplier closing) throws Exception;
    }

    private final Clock clock;
    private final Duration pause;
    private final Task task;
    private final Pauses pauses;
    private final Worker worker;

    private volatile @Nullable Throwable fault;

    Periodic(String name, Clock clock, Duration pause, Task task) {
        this.clock = clock;
        this.pause = pause;
        this.task = task;
        this.pauses = new Pauses(clock);
        this.worker = Worker.virtual(name, this::repeat, e -> fault = e);
    }

    private void repeat() {
        while (pauseUnlessClosed()) {
            try {
                task.run(pauses::isClosed);
                fault = null;
            } catch (Throwable e) {
                fault = e;
            }
        }
    }

    /** False if it was closed meanwhile. */
    private boolean pauseUnlessClosed() {
        long deadline = clock.deadline(pause);
        while (true) {
            try {
                return pauses.until(deadline);
            } catch (InterruptedException e) {
                // Only close() ends this thread: the loop waits on.
            }
        }
    }

    /** What the latest run threw, or what ended the thread. */
    Optional<Throwable> fault() {
        return Optional.ofNullable(fault);
    }

    @Override
    public void close() {
        pauses.close();
        worker.join();
    }
}
