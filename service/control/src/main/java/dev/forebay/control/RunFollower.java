package dev.forebay.control;

import java.util.concurrent.Semaphore;

/**
 * Waits for changes of one run.
 *
 * <p><b>Guarantee.</b> No change after {@link RunService#follow} returned is missed: one that comes
 * between two waits ends the second. <b>Limit.</b> A wait may end without a change. For one thread,
 * which closes it.
 */
public final class RunFollower implements AutoCloseable {
    private final Semaphore changes = new Semaphore(0);
    private final Runnable leave;

    RunFollower(Runnable leave) {
        this.leave = leave;
    }

    /** Called by any thread; never blocks. */
    void changed() {
        changes.release();
    }

    /** Blocks until there was a change since the last wait. */
    public void await() throws InterruptedException {
        changes.acquire();
        changes.drainPermits();
    }

    @Override
    public void close() {
        leave.run();
    }
}
