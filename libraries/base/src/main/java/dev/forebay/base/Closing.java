package dev.forebay.base;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Closes several resources in the order in which they were named, all of them whatever fails.
 *
 * <pre>{@code
 * try (Closing all = new Closing()) {
 *     all.then(timer::close);
 *     all.then(journal::close);
 *     all.then(lock::close);
 * }
 * }</pre>
 *
 * <p><b>Guarantee.</b> Each step runs once, after the ones before it ended. The first failure is
 * thrown as it is after the last step, the later ones suppressed in it. Steps run with the
 * interrupt status cleared, so that an interrupt skips none; the status is set again at the end.
 *
 * <p><b>Limit.</b> A step that blocks holds the ones behind it. For use by one thread.
 */
public final class Closing implements AutoCloseable {
    /** One step. */
    @FunctionalInterface
    public interface Step {
        /**
         * Closes one thing; called once.
         *
         * @throws IOException if it cannot be closed; the other steps are run all the same
         */
        void close() throws IOException;
    }

    private final List<Step> steps = new ArrayList<>();

    /** No steps yet. */
    public Closing() {}

    /**
     * Adds a step behind the ones named so far.
     *
     * @param step is run by {@link #close}, behind those added before
     */
    public void then(Step step) {
        steps.add(step);
    }

    /** Drops the steps: what they would close has another owner now. */
    public void forget() {
        steps.clear();
    }

    /** Runs the steps, and forgets them. */
    @Override
    public void close() throws IOException {
        boolean interrupted = Thread.interrupted();
        Throwable first = null;
        for (Step step : steps) {
            try {
                step.close();
            } catch (Throwable e) {
                first = earliest(first, e);
            }
            interrupted |= Thread.interrupted();
        }
        steps.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (first) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default ->
                    throw new AssertionError("a step of closing threw a checked exception", first);
        }
    }

    private static Throwable earliest(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (!first.equals(next)) {
            first.addSuppressed(next);
        }
        return first;
    }
}
