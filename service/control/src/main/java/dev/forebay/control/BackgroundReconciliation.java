package dev.forebay.control;

import dev.forebay.base.Worker;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A reconciliation behind a start that does not wait for it.
 *
 * <p><b>Guarantee.</b> What it found is reported once, or why it failed, unless {@link #close}
 * ended it before. After {@code close} it does nothing more. <b>Limit.</b> Closing waits for the
 * call of the disk or of the database that is under way. Safe for use by many threads.
 */
public final class BackgroundReconciliation implements AutoCloseable {
    private final Worker worker;
    private volatile boolean closed;

    BackgroundReconciliation(
            Function<BooleanSupplier, Optional<Reconciliation>> work,
            Consumer<? super Reconciliation> found,
            Consumer<? super Throwable> failed) {
        this.worker =
                Worker.virtual(
                        "reconciliation", () -> work.apply(() -> closed).ifPresent(found), failed);
    }

    @Override
    public void close() {
        closed = true;
        worker.join();
    }
}
