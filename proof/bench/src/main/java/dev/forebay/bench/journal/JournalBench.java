package dev.forebay.bench.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.JournalSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The journal's table: {@code JournalBench [directory]}. Records of 100 bytes; every run of ours is
 * read back and compared. Each row says its level and the state of the files.
 */
public final class JournalBench {
    private static final int SIZE = 100;
    private static final long SLOW = 2_000_000;

    private final Path root;
    private final PrintStream out;
    private int runs;

    private JournalBench(Path root, PrintStream out) {
        this.root = root;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        Path root =
                arguments.length > 0
                        ? Path.of(arguments[0])
                        : Files.createTempDirectory("journal-bench");
        Files.createDirectories(root);
        List<String> rows =
                arguments.length > 1
                        ? Arrays.asList(arguments).subList(1, arguments.length)
                        : List.of("written", "batch", "single", "group", "open");
        JournalBench bench = new JournalBench(root, System.out);
        for (String row : rows) {
            switch (row) {
                case "written" -> bench.written(1);
                case "batch" -> bench.written(100);
                case "single" -> bench.single();
                case "group" -> bench.group();
                case "open" -> bench.open();
                default -> throw new IllegalArgumentException("no row " + row);
            }
        }
    }

    private Path fresh() {
        return root.resolve("run-" + runs++);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void row(String what, String figure) {
        out.println(String.format(Locale.ROOT, "%-58s %s", what, figure));
    }

    private static byte[] record(long number) {
        byte[] bytes = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            bytes[i] = (byte) (number * 31 + i);
        }
        return bytes;
    }

    private static List<byte[]> records(int count) {
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(record(i));
        }
        return records;
    }

    private static void verify(Journal journal, List<byte[]> expected, long from) {
        try (JournalReader reader = journal.read(from)) {
            long at = from;
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                byte[] wanted = expected.get((int) ((at - 1) % expected.size()));
                if (!(entry instanceof Frame frame)
                        || frame.sequence() != at
                        || !Arrays.equals(frame.payload(), wanted)) {
                    throw new IllegalStateException("frame " + at + " reads back as " + entry);
                }
                at++;
            }
            if (at != journal.next()) {
                throw new IllegalStateException("read to " + at + " of " + journal.next());
            }
        }
    }

    /** What this thread has used of a processor: it tells code from a busy machine. */
    private static long processor() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** What this thread was ready to run and had no processor, in nanoseconds; Linux tells. */
    private static long waited() throws IOException {
        String[] figures =
                Files.readString(Path.of("/proc/thread-self/schedstat")).trim().split(" ", -1);
        return Long.parseLong(figures[1]);
    }

    /** One thread at WRITTEN: first over fresh files, then over the same ones, recycled. */
    private void written(int perCall) throws IOException {
        int count = 1_600_000;
        List<byte[]> records = records(1000);
        List<List<byte[]>> batches = new ArrayList<>();
        for (int i = 0; i < records.size(); i += perCall) {
            batches.add(records.subList(i, i + perCall));
        }
        // The first is there for the compiler: its figures are not told.
        written(
                perCall,
                count,
                4,
                records,
                batches,
                new PrintStream(OutputStream.nullOutputStream()));
        written(perCall, count, 8, records, batches, out);
    }

    private void written(
            int perCall,
            int count,
            int rounds,
            List<byte[]> records,
            List<List<byte[]>> batches,
            PrintStream to)
            throws IOException {
        Path directory = fresh();
        JournalSettings settings = JournalSettings.defaults().withSpares(16).withReadyAhead(4);
        try (Journal journal = Journal.open(Disk.system(), Clock.system(), directory, settings)) {
            for (int round = 0; round < rounds; round++) {
                long slowest = 0;
                long worked = processor();
                long waited = waited();
                long before = System.nanoTime();
                long last = before;
                for (int i = 0; i < count / perCall; i++) {
                    if (perCall == 1) {
                        journal.append(records.get(i % 1000), 0, Durability.WRITTEN);
                    } else {
                        journal.append(batches.get(i % batches.size()), 0, Durability.WRITTEN);
                    }
                    if ((i & 63) == 0) {
                        long now = System.nanoTime();
                        slowest = Math.max(slowest, now - last);
                        last = now;
                    }
                }
                long took = System.nanoTime() - before;
                worked = processor() - worked;
                waited = waited() - waited;
                verify(journal, records, journal.first());
                journal.trim(journal.next());
                to.println(
                        String.format(
                                Locale.ROOT,
                                "%-58s %.1f M/s (%.1f by the thread's own time), slowest 64 calls %.2f ms, %.2f ms without a processor",
                                "ours, WRITTEN, " + perCall + " per call, round " + round,
                                count * 1e3 / took,
                                count * 1e3 / worked,
                                slowest / 1e6,
                                waited / 1e6));
            }
        }
        delete(directory);
    }

    /** One platform thread at SYNCED, beside the bare write and sync of as many bytes. */
    private void single() throws IOException {
        int count = 3000;
        byte[] record = record(0);
        List<Double> ratios = new ArrayList<>();
        Path directory = fresh();
        Path plain = root.resolve("plain-" + runs);
        try (Journal journal =
                        Journal.open(
                                Disk.system(),
                                Clock.system(),
                                directory,
                                JournalSettings.defaults());
                FileChannel file =
                        FileChannel.open(
                                plain, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // The same state as ours: blocks are there, nothing was written over them.
            ByteBuffer zeros = ByteBuffer.allocate(1 << 20);
            for (int i = 0; i < 64; i++) {
                file.write(zeros.clear(), (long) i << 20);
            }
            file.force(true);
            long at = 0;
            for (int round = 0; round < 6; round++) {
                long before = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    journal.append(record);
                }
                double ours = count * 1e9 / (System.nanoTime() - before);
                before = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    ByteBuffer frame = ByteBuffer.allocate(136);
                    at += file.write(frame, at);
                    file.force(false);
                }
                double floor = count * 1e9 / (System.nanoTime() - before);
                ratios.add(ours / floor);
                row(
                        "SYNCED, 1 writer, round " + round,
                        String.format(
                                Locale.ROOT,
                                "ours %.0f/s, write + fdatasync %.0f/s, ratio %.2f",
                                ours,
                                floor,
                                ours / floor));
            }
            verify(journal, List.of(record), 1);
        }
        Collections.sort(ratios);
        row("SYNCED, 1 writer, median ratio", String.format(Locale.ROOT, "%.2f", ratios.get(3)));
        delete(directory);
        Files.delete(plain);
    }

    /** Each is run for a while first, unmeasured. */
    private void group() throws Exception {
        for (int writers : new int[] {16, 64}) {
            for (long nanos : new long[] {SLOW, 0}) {
                for (int round = 0; round < 2; round++) {
                    int each = nanos > 0 ? 300 : 2000;
                    group(writers, nanos, each);
                }
            }
        }
    }

    private void group(int writers, long syncNanos, int each) throws Exception {
        String name =
                "SYNCED, "
                        + writers
                        + " virtual writers, sync "
                        + (syncNanos > 0 ? "2 ms" : "as it is");
        Path path = root.resolve("floor-" + runs++);
        double floor;
        try (FloorLog log = new FloorLog(path, syncNanos)) {
            Writers.run(writers, each / 3, record(0), log::append);
            floor = row("floor, " + name, writers, each, log::append);
        }
        Files.delete(path);
        Path directory = fresh();
        SlowSyncDisk disk = new SlowSyncDisk(syncNanos);
        double ours;
        try (Journal journal =
                Journal.open(disk, Clock.system(), directory, JournalSettings.defaults())) {
            Writers.run(writers, each / 3, record(0), journal::append);
            long before = disk.syncs.get();
            ours = row("ours,  " + name, writers, each, journal::append);
            long syncs = disk.syncs.get() - before;
            verify(journal, List.of(record(0)), 1);
            row(
                    "       ratio, records per force",
                    String.format(
                            Locale.ROOT,
                            "%.2f, %.1f",
                            ours / floor,
                            (double) writers * each / syncs));
        }
        delete(directory);
    }

    private double row(String name, int writers, int each, Writers.Append append) throws Exception {
        Writers.Run run = Writers.run(writers, each, record(0), append);
        row(name, String.format(Locale.ROOT, "%.0f/s, %s", run.perSecond(), run.figures()));
        return run.perSecond();
    }

    /** A backlog of 1 GiB; and a million trimmed records in front of a small one. */
    private void open() throws IOException {
        Path directory = fresh();
        List<byte[]> big = List.of(new byte[64 << 10]);
        try (Journal journal = journal(directory)) {
            for (int i = 0; i < 16 << 10; i++) {
                journal.append(big, 0, Durability.WRITTEN);
            }
        }
        row("open with a backlog of 1 GiB, frames of 64 KiB", opening(directory));
        delete(directory);
        List<byte[]> records = records(1000);
        Path many = fresh();
        try (Journal journal = journal(many)) {
            for (int i = 0; i < 8000; i++) {
                journal.append(records, 0, Durability.WRITTEN);
            }
        }
        row("open with a backlog of 1 GiB, frames of 100 B", opening(many));
        delete(many);
        for (int front : new int[] {0, 1000}) {
            Path trimmed = fresh();
            try (Journal journal = journal(trimmed)) {
                for (int i = 0; i < front; i++) {
                    journal.append(records, 0, Durability.WRITTEN);
                }
                journal.trim(journal.next());
                journal.append(records, 0, Durability.SYNCED);
            }
            row("open with 1000 records behind " + front + " k trimmed", opening(trimmed));
            delete(trimmed);
        }
    }

    private static Journal journal(Path directory) {
        return Journal.open(Disk.system(), Clock.system(), directory, JournalSettings.defaults());
    }

    private static String opening(Path directory) {
        long[] took = new long[5];
        for (int i = 0; i < took.length; i++) {
            long before = System.nanoTime();
            Journal journal = journal(directory);
            took[i] = System.nanoTime() - before;
            journal.close();
        }
        Arrays.sort(took);
        return String.format(
                Locale.ROOT, "median %.0f ms, slowest %.0f ms", took[2] / 1e6, took[4] / 1e6);
    }
}
