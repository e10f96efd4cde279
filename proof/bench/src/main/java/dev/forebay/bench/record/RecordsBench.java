package dev.forebay.bench.record;

import com.sun.management.ThreadMXBean;
import dev.forebay.base.Trigger;
import dev.forebay.record.Batch;
import dev.forebay.record.RecordBuffer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Memory buffer ({@code ACCEPTED}), thread-safe, {@code anyOf(moreThan(n), age(200 ms))}, no codec,
 * one record of 100 B per call, one thread that also takes and commits; the floor in the same run,
 * in turns. Then how late the timer is with no new input.
 */
public final class RecordsBench {
    private static final Duration AGE = Duration.ofMillis(200);
    private static final int RECORDS = 30_000_000;
    private static final int ROUNDS = 7;
    private static final byte[] RECORD = new byte[100];

    private static long seen;

    private RecordsBench() {}

    public static void main(String[] args) throws InterruptedException {
        for (int limit : new int[] {10, 100}) {
            double[] floor = new double[ROUNDS];
            double[] ours = new double[ROUNDS];
            double[] floorBytes = new double[ROUNDS];
            double[] ourBytes = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                floor[round] = floor(limit, floorBytes, round);
                ours[round] = ours(limit, ourBytes, round);
            }
            System.out.printf(
                    "lists of %d: floor %.1f M/s %.1f B, ours %.1f M/s %.1f B, ratio %.2f%n",
                    limit + 1,
                    median(floor),
                    median(floorBytes),
                    median(ours),
                    median(ourBytes),
                    median(ours) / median(floor));
        }
        timer();
        System.out.println("records seen: " + seen);
    }

    private static double floor(int limit, double[] bytes, int round) {
        try (FloorBuffer<byte[]> buffer =
                new FloorBuffer<>(limit, AGE.toNanos(), list -> seen += list.size())) {
            long before = allocated();
            long start = System.nanoTime();
            for (int i = 0; i < RECORDS; i++) {
                buffer.add(RECORD);
            }
            long nanos = System.nanoTime() - start;
            bytes[round] = (allocated() - before) / (double) RECORDS;
            return RECORDS * 1e3 / nanos;
        }
    }

    private static double ours(int limit, double[] bytes, int round) throws InterruptedException {
        try (RecordBuffer<byte[]> buffer =
                RecordBuffer.<byte[]>of(Trigger.anyOf(Trigger.moreThan(limit), Trigger.age(AGE)))
                        .open()) {
            long before = allocated();
            long start = System.nanoTime();
            for (int i = 0; i < RECORDS; i++) {
                buffer.add(RECORD);
                if (i % (limit + 1) == limit) {
                    takeAndCommit(buffer);
                }
            }
            long nanos = System.nanoTime() - start;
            bytes[round] = (allocated() - before) / (double) RECORDS;
            return RECORDS * 1e3 / nanos;
        }
    }

    private static void takeAndCommit(RecordBuffer<byte[]> buffer) throws InterruptedException {
        Optional<Batch<byte[]>> batch = buffer.take(Duration.ZERO);
        if (batch.isPresent()) {
            seen += batch.get().size();
            buffer.commit(batch.get());
        }
    }

    private static void timer() throws InterruptedException {
        double[] late = new double[100];
        try (RecordBuffer<byte[]> buffer = RecordBuffer.<byte[]>of(Trigger.age(AGE)).open()) {
            for (int i = 0; i < late.length; i++) {
                long start = System.nanoTime();
                buffer.add(RECORD);
                Batch<byte[]> batch = buffer.take(Duration.ofSeconds(10)).orElseThrow();
                late[i] = (System.nanoTime() - start - AGE.toNanos()) / 1e6;
                buffer.commit(batch);
            }
        }
        Arrays.sort(late);
        System.out.printf(
                "timer, 200 ms, no new input: earliest %.2f ms, p50 %.2f ms, p99 %.2f ms late%n",
                late[0], late[late.length / 2], late[late.length * 99 / 100]);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
