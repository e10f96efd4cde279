package dev.forebay.base;

import java.util.function.Consumer;

/**
 * A named background thread that tells its owner how it failed.
 *
 * <p><b>Guarantee.</b> If the task throws anything, an {@link Error} included, the owner is told
 * once, on the worker's thread, before that thread ends. An owner that fails its waiters there, and
 * refuses further work with the cause, leaves no thread waiting for one that is gone. A worker that
 * cannot be started throws from the starting call, and then nothing runs.
 *
 * <p><b>Limit.</b> What the owner itself throws while it is told goes to the thread's handler of
 * uncaught exceptions. A task that never returns holds {@link #join} for ever.
 *
 * <p><b>Threads.</b> All methods may be called by any thread. A worker never keeps the virtual
 * machine alive.
 */
public final class Worker {
    /** What a worker does until it returns or throws. */
    @FunctionalInterface
    public interface Task {
        /**
         * Does the work; the thread ends when this returns.
         *
         * @throws Exception any; the owner takes it
         */
        void run() throws Exception;
    }

    private final Thread thread;

    private Worker(Thread thread) {
        this.thread = thread;
    }

    /**
     * Starts a platform thread, for tasks that block in system calls.
     *
     * @param name of the thread
     * @param task what it does
     * @param owner takes what the task throws; it must not block and should not throw
     * @return the worker, whose thread runs
     */
    public static Worker platform(String name, Task task, Consumer<? super Throwable> owner) {
        return started(Thread.ofPlatform().daemon().name(name), task, owner);
    }

    /**
     * Starts a virtual thread, otherwise as {@link #platform}.
     *
     * @param name of the thread
     * @param task what it does
     * @param owner takes what the task throws; it must not block and should not throw
     * @return the worker, whose thread runs
     */
    public static Worker virtual(String name, Task task, Consumer<? super Throwable> owner) {
        return started(Thread.ofVirtual().name(name), task, owner);
    }

    private static Worker started(
            Thread.Builder builder, Task task, Consumer<? super Throwable> owner) {
        Worker worker = new Worker(builder.unstarted(() -> run(task, owner)));
        worker.thread.start();
        return worker;
    }

    private static void run(Task task, Consumer<? super Throwable> owner) {
        try {
            task.run();
        } catch (Throwable e) {
            owner.accept(e);
        }
    }

    /** Interrupts the thread; what that means is the task's affair. */
    public void interrupt() {
        thread.interrupt();
    }

    /**
     * Whether its thread has not ended yet.
     *
     * @return true while the task runs
     */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /**
     * True if the calling thread is this worker's.
     *
     * @return whether it is
     */
    public boolean isCurrent() {
        return thread.equals(Thread.currentThread());
    }

    /**
     * Blocks until the thread has ended, its owner told. An interrupt does not end the wait; the
     * interrupt status is kept. Returns at once on the worker's own thread, which cannot wait for
     * itself.
     */
    public void join() {
        if (isCurrent()) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
