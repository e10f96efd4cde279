package dev.forebay.bench.peers;

import dev.forebay.bench.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/**
 * One measurement of a contender: threads append for a time, then all is read back and compared.
 *
 * @param perSecond acknowledged records
 * @param calls how long calls took; only every 64th where calls take less than a microsecond
 */
record LogRound(double perSecond, Figures calls) {
    /**
     * The task of every contender of a table.
     *
     * @param writers 1 for a platform thread, otherwise the number of virtual threads, or of
     *     platform threads if the contender wants those
     * @param perCall records in one append
     * @param most the most records of a round, so that fast contenders do not fill the disk
     */
    record Task(int writers, int perCall, long nanos, long most, boolean everyCall) {
        private static final int SOME = 64;

        LogRound run(Contender contender, Path root) throws Exception {
            Path directory = Files.createTempDirectory(root, "run-");
            try (KeptLog log = contender.opener().open(directory)) {
                Records records = new Records(writers == 1);
                LogRound round =
                        writers == 1
                                ? alone(log, records)
                                : together(log, records, contender.platform());
                log.readBack(records::read);
                records.check();
                return round;
            } finally {
                delete(directory);
            }
        }

        private LogRound alone(KeptLog log, Records records) throws Exception {
            long before = System.nanoTime();
            Writer writer = new Writer(log, before + nanos, most);
            writer.run();
            log.settle();
            long took = System.nanoTime() - before;
            records.acknowledged(writer.count);
            return new LogRound(writer.count * 1e9 / took, writer.calls);
        }

        private LogRound together(KeptLog log, Records records, boolean platform) throws Exception {
            List<Writer> all = new ArrayList<>();
            long before;
            ThreadFactory kind =
                    platform ? Thread.ofPlatform().factory() : Thread.ofVirtual().factory();
            try (ExecutorService threads = Executors.newThreadPerTaskExecutor(kind)) {
                List<Future<?>> running = new ArrayList<>();
                CountDownLatch go = new CountDownLatch(1);
                before = System.nanoTime();
                for (int i = 0; i < writers; i++) {
                    Writer writer = new Writer(log, before + nanos, most / writers);
                    all.add(writer);
                    running.add(
                            threads.submit(() -> {
                                go.await();
                                writer.run();
                                return null;
                            }));
                }
                go.countDown();
                for (Future<?> one : running) {
                    one.get();
                }
            }
            log.settle();
            long took = System.nanoTime() - before;
            long sum = 0;
            Figures calls = new Figures();
            for (Writer writer : all) {
                records.acknowledged(writer.count);
                sum += writer.count;
                calls.addAll(writer.calls);
            }
            return new LogRound(sum * 1e9 / took, calls);
        }

        /** The work of one thread. */
        private final class Writer {
            private final KeptLog log;
            private final long until;
            private final long limit;
            private final Figures calls = new Figures();
            private long count;

            Writer(KeptLog log, long until, long limit) {
                this.log = log;
                this.until = until;
                this.limit = limit;
            }

            void run() throws Exception {
                int some = everyCall ? 1 : SOME;
                while (count < limit) {
                    long start = System.nanoTime();
                    if (start - until >= 0) {
                        return;
                    }
                    call();
                    calls.add(System.nanoTime() - start);
                    for (int i = 1; i < some; i++) {
                        call();
                    }
                }
            }

            private void call() throws Exception {
                int from = (int) (count % Records.COUNT);
                if (perCall == 1) {
                    log.append(Records.ALL.get(from));
                } else {
                    log.append(Records.ALL.subList(from, from + perCall));
                }
                count += perCall;
            }
        }

        private static void delete(Path directory) throws IOException {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
