package dev.forebay.bench.journal;

import dev.forebay.bench.Figures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Virtual threads that begin together and append one record after the other. */
final class Writers {
    private Writers() {}

    /** The append that is measured. */
    interface Append {
        void append(byte[] record) throws IOException;
    }

    /** Records a second of all writers together, and how long single appends took. */
    record Run(double perSecond, Figures figures) {}

    /** Has {@code writers} append {@code record}, {@code each} times. */
    static Run run(int writers, int each, byte[] record, Append append) throws Exception {
        CountDownLatch ready = new CountDownLatch(writers);
        CountDownLatch go = new CountDownLatch(1);
        Figures all = new Figures();
        long before;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<long[]>> results = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                results.add(
                        threads.submit(() -> {
                            long[] took = new long[each];
                            ready.countDown();
                            go.await();
                            for (int i = 0; i < each; i++) {
                                long start = System.nanoTime();
                                append.append(record);
                                took[i] = System.nanoTime() - start;
                            }
                            return took;
                        }));
            }
            ready.await();
            before = System.nanoTime();
            go.countDown();
            for (Future<long[]> result : results) {
                for (long one : result.get()) {
                    all.add(one);
                }
            }
        }
        double rate = (double) writers * each * 1e9 / (System.nanoTime() - before);
        return new Run(rate, all);
    }
}
