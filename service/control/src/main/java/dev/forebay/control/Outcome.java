package dev.forebay.control;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * What one thread returns or throws to another that waits for it.
 *
 * <p><b>Guarantee.</b> {@link #settle} allocates nothing, so it cannot fail, and it may come before
 * there is a result or an exception. One thread settles, once; many may wait.
 */
final class Outcome<T> {
    private final CountDownLatch settled = new CountDownLatch(1);
    private @Nullable T result; // The latch publishes this and the next.
    private @Nullable Throwable thrown;

    void returned(T value) {
        result = value;
    }

    void threw(Throwable e) {
        thrown = e;
    }

    /** Ends the wait; to be called last, and whatever happens. */
    void settle() {
        settled.countDown();
    }

    boolean isSettled() {
        return settled.getCount() == 0;
    }

    /**
     * Blocks until it is settled. An interrupt ends no wait; its status is kept.
     *
     * @return false if it was settled with neither a result nor an exception
     */
    boolean await() {
        boolean interrupted = false;
        while (true) {
            try {
                settled.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return result != null || thrown != null;
    }

    /** Whether it was settled with a result. */
    boolean hasResult() {
        return isSettled() && result != null;
    }

    /** The result, or the exception is thrown. After {@link #await} has returned true. */
    T get() {
        return switch (thrown) {
            case null -> Objects.requireNonNull(result);
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        };
    }
}
