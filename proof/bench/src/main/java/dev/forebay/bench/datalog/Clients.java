package dev.forebay.bench.datalog;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same work by many threads at once. */
final class Clients {
    private Clients() {}

    /** The work of one thread. */
    interface Work {
        /**
         * @param client the number of the thread
         */
        void run(int client) throws Exception;
    }

    /** Nanoseconds from the first to the last. A fault of one ends the run. */
    static long nanos(int count, Work work) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long begin = System.nanoTime();
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int client = i;
                all.add(
                        threads.submit(() -> {
                            work.run(client);
                            return client;
                        }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            return System.nanoTime() - begin;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client failed", e.getCause());
        }
    }
}
