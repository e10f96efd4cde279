package dev.forebay.base;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs file calls on threads that no caller can interrupt, while the caller waits.
 *
 * <p>Two kinds of call need it. {@link java.nio.channels.FileChannel#map} closes its channel if its
 * thread is interrupted; such a call runs here only once an interrupt has come. And a call that
 * blocks for long, a sync above all, would hold the carrier of a virtual thread: with two cores a
 * third sync would wait for the first two. So of these a virtual thread runs one itself only while
 * no other is under way and there is a second carrier: handing it over and back takes as long as a
 * fast disk does.
 *
 * <p>The caller gets what the call threw, an {@link Error} included. Its interrupt status is kept
 * and ends nothing. Threads that had nothing to do for a minute end.
 */
final class UninterruptedThreads {
    private static final ExecutorService THREADS =
            Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("forebay-disk-", 1).factory());

    private static final boolean SECOND_CARRIER = Runtime.getRuntime().availableProcessors() > 1;

    /** Long calls of virtual threads. */
    private static final AtomicInteger UNDER_WAY = new AtomicInteger();

    private UninterruptedThreads() {}

    /** A file call. */
    interface Call<T> extends Callable<T> {
        @Override
        T call() throws IOException;
    }

    /** A file call without a result. */
    interface Action {
        void run() throws IOException;
    }

    /** Runs {@code action}, which no interrupt ends, on a thread of its own if need be. */
    static void runLong(Action action) throws IOException {
        callLong(() -> {
            action.run();
            return true;
        });
    }

    /** Runs {@code call}, which no interrupt ends, on a thread of its own if need be. */
    static <T> T callLong(Call<T> call) throws IOException {
        if (!Thread.currentThread().isVirtual()) {
            return call.call();
        }
        boolean alone = UNDER_WAY.getAndIncrement() == 0;
        try {
            return alone && SECOND_CARRIER ? call.call() : call(call);
        } finally {
            UNDER_WAY.getAndDecrement();
        }
    }

    /**
     * Runs {@code call}, which an interrupt would end, here or on a thread of its own.
     *
     * @param call does not block for long, and leaves nothing behind when it throws
     */
    static <T> T callBrief(Call<T> call) throws IOException {
        if (!Thread.currentThread().isInterrupted()) {
            try {
                return call.call();
            } catch (ClosedByInterruptException e) {
                return call(call); // The interrupt status stays.
            }
        }
        return call(call);
    }

    /** Runs {@code call} on a thread of its own. */
    private static <T> T call(Call<T> call) throws IOException {
        Future<T> result = THREADS.submit(call);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw SystemDiskFile.asThrown(Objects.requireNonNull(e.getCause()));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
