package dev.forebay.bench.streams;

import dev.forebay.base.ByteSize;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Scale;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What writing and reading one buffer costs client and server in processor time, from the start of
 * a fresh process to its end, with default settings. Processor time says something on a busy
 * machine too, beside the yardsticks of the same rounds: the JDK's MD5 and the copies that both
 * sides cannot do without.
 */
final class TransferRow implements Suite.Row {
    /** The goals of a transfer of 4 GiB, in CPU seconds a GiB. */
    private static final double CLIENT = 1.2;

    private static final double SERVER_WRITING = 1.6;
    private static final double SERVER_READING = 0.5;

    /** How near the bound a process is to come, in percent. */
    private static final double SHARE = 85;

    /** What memory a file write meets, see {@link CacheOfFiles}. */
    enum Memory {
        /** The cache is filled before each part. */
        IN_USE(""),
        /** What earlier parts left free, after their files were deleted. */
        FREED(", freed memory");

        private final String suffix;

        Memory(String suffix) {
            this.suffix = suffix;
        }
    }

    private final int gibibytes;
    private final Memory memory;
    private final List<Double> digest = new ArrayList<>();
    private final List<Double> copy = new ArrayList<>();
    private final List<Double> pipe = new ArrayList<>();
    private final List<Double> copied = new ArrayList<>();
    private final List<Double> piped = new ArrayList<>();
    private final List<Double> writer = new ArrayList<>();
    private final List<Double> taking = new ArrayList<>();
    private final List<Double> written = new ArrayList<>();
    private final List<Double> reader = new ArrayList<>();
    private final List<Double> giving = new ArrayList<>();
    private final List<Double> read = new ArrayList<>();
    private final List<Bound> bounds = new ArrayList<>();
    private final List<Double> freeForCopy = new ArrayList<>();
    private final List<Double> freeForWriter = new ArrayList<>();
    private final Rclone rclone = new Rclone();

    /** A transfer of {@code gibibytes} at full scale. */
    TransferRow(int gibibytes, Memory memory) {
        this.gibibytes = gibibytes;
        this.memory = memory;
    }

    @Override
    public void measure(Run run) throws Exception {
        ByteSize size = ByteSize.ofMiB(run.scale().of(1024 * gibibytes, 64 * gibibytes, 4));
        Path source = run.fresh("source");
        new Commands(Map.of())
                .run("'%s' buffer gen %d > '%s'".formatted(run.forebay(), size.bytes(), source));
        CacheOfFiles cache = new CacheOfFiles(run.fresh("filler"));
        int rounds = memory == Memory.IN_USE ? 5 : 3;
        for (int round = 0; round < run.scale().of(rounds, 1, 1); round++) {
            yardsticks(run, cache, source, size);
            ours(run, cache, source, size);
        }
        Run.delete(source);
        String of = size + memory.suffix;
        Figure md5 = yardstick(run, "MD5 of the JDK, one thread, beside " + of, "–", digest);
        free(run, "free memory before `cp`, " + of, freeForCopy);
        yardstick(run, "`cp` and `sync` of the copy, " + of, "SYNCED", copy);
        yardstick(run, "`cat FILE \\| cat`, " + of, "–", pipe);
        String write = "`forebay buffer write`, " + of;
        String back = "`forebay buffer read`, " + of;
        free(run, "free memory before `forebay buffer write`, " + of, freeForWriter);
        cost(run, write + ": client", "SYNCED", writer, CLIENT, md5);
        bound(run, write + ": client", "SYNCED", writer, Bound::writingClient);
        cost(run, write + ": server", "SYNCED", taking, SERVER_WRITING, md5);
        bound(run, write + ": server", "SYNCED", taking, Bound::takingServer);
        cost(run, back + ": client", "–", reader, CLIENT, md5);
        bound(run, back + ": client", "–", reader, Bound::readingClient);
        cost(run, back + ": server", "–", giving, SERVER_READING, md5);
        bound(run, back + ": server", "–", giving, Bound::givingServer);
        rclone.report(run, of);
        rate(run, "`cp` and `sync`, clock, " + of, write + ", clock", "SYNCED", copied, written);
        rate(run, "`cat FILE \\| cat`, clock, " + of, back + ", clock", "–", piped, read);
    }

    private void yardsticks(Run run, CacheOfFiles cache, Path source, ByteSize size)
            throws Exception {
        Commands plain = new Commands(Map.of());
        digest.add(Digests.cpuSecondsPerGib());
        Path target = run.fresh("copy");
        freeForCopy.add(prepare(run, cache));
        Commands.Spent synced =
                plain.measure("cp '%1$s' '%2$s' && sync '%2$s'".formatted(source, target));
        Run.delete(target);
        prepare(run, cache);
        Commands.Spent through = plain.measure("cat '%s' | cat".formatted(source));
        bounds.add(Bound.measure(source, run.fresh("bound")));
        prepare(run, cache);
        rclone.measure(run, source, size);
        copy.add(perGib(synced.cpu(), size));
        pipe.add(perGib(through.cpu(), size));
        copied.add(rate(synced.wall(), size));
        piped.add(rate(through.wall(), size));
    }

    /** The memory that is free when a part begins, in MiB. */
    private double prepare(Run run, CacheOfFiles cache) throws IOException {
        if (memory == Memory.IN_USE && run.scale() == Scale.FULL) {
            cache.fill();
        }
        return CacheOfFiles.freeMebibytes();
    }

    private void ours(Run run, CacheOfFiles cache, Path source, ByteSize size)
            throws IOException, InterruptedException {
        Path data = run.fresh("data");
        Path forebay = run.forebay();
        try (ServerProcess server = ServerProcess.start(forebay, data)) {
            Commands client = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
            String id = client.run("'%s' buffer create".formatted(forebay));
            freeForWriter.add(prepare(run, cache));
            Duration before = server.cpu();
            Commands.Spent write =
                    client.measure("'%s' buffer write %s -i '%s'".formatted(forebay, id, source));
            Duration between = server.cpu();
            Commands.Spent back = client.measure("'%s' buffer read %s".formatted(forebay, id));
            Duration after = server.cpu();
            client.run("'%s' buffer read %s | cmp - '%s'".formatted(forebay, id, source));
            writer.add(perGib(write.cpu(), size));
            taking.add(perGib(between.minus(before), size));
            reader.add(perGib(back.cpu(), size));
            giving.add(perGib(after.minus(between), size));
            written.add(rate(write.wall(), size));
            read.add(rate(back.wall(), size));
        }
        Run.delete(data);
    }

    static double perGib(Duration cpu, ByteSize size) {
        return cpu.toNanos() / 1e9 * (1 << 30) / size.bytes();
    }

    static double rate(Duration wall, ByteSize size) {
        return size.bytes() * 1e9 / wall.toNanos();
    }

    private static Figure yardstick(Run run, String what, String level, List<Double> costs) {
        return run.report(
                Figure.yardstick(what, level, Medians.of(costs), Unit.CPU_SECONDS_PER_GIB));
    }

    private static void free(Run run, String what, List<Double> mebibytes) {
        run.report(Figure.yardstick(what, "–", Medians.of(mebibytes), Unit.MEBIBYTES));
    }

    /** The goals are for 4 GiB; in a smaller transfer, start and compiler weigh more. */
    private void cost(
            Run run, String what, String level, List<Double> costs, double goal, Figure beside) {
        run.report(
                Figure.ours(what, level, Medians.of(costs), Unit.CPU_SECONDS_PER_GIB)
                        .beside(beside)
                        .goal(hasGoals() ? goal : 0));
    }

    private boolean hasGoals() {
        return gibibytes == 4 && memory == Memory.IN_USE;
    }

    /** The parts that it cannot do without, and the share of them in what it takes. */
    private void bound(
            Run run, String what, String level, List<Double> costs, ToDoubleFunction<Bound> parts) {
        double least = Medians.of(bounds.stream().mapToDouble(parts).boxed().toList());
        run.report(
                Figure.yardstick(
                        what + ", its parts alone", level, least, Unit.CPU_SECONDS_PER_GIB));
        run.report(
                Figure.ours(
                                what + ", share of its parts",
                                level,
                                100 * least / Medians.of(costs),
                                Unit.PERCENT)
                        .goal(hasGoals() ? SHARE : 0));
    }

    private static void rate(
            Run run,
            String yardstick,
            String what,
            String level,
            List<Double> beside,
            List<Double> rates) {
        Figure other =
                run.report(
                        Figure.yardstick(
                                yardstick, level, Medians.of(beside), Unit.BYTES_PER_SECOND));
        run.report(
                Figure.ours(what, level, Medians.of(rates), Unit.BYTES_PER_SECOND).beside(other));
    }
}
