package dev.forebay.bench.streams;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Many blocks of 1 KiB through fresh processes, and what sixteen threads reach with the file calls
 * alone that make a block durable: write, sync, link and a sync of the directory.
 */
final class SmallBlocksRow implements Suite.Row {
    private static final int BLOCK = 1024;
    private static final int THREADS = 16;
    private static final double SHARE = 0.7;
    private static final double READ = 5000;

    @Override
    public void measure(Run run) throws Exception {
        int blocks = run.scale().of(20_000, 2000, 100);
        Path source = run.fresh("source");
        Files.write(source, new byte[blocks * BLOCK]);
        double calls = calls(run.fresh("calls"), blocks);
        Path data = run.fresh("data");
        Path forebay = run.forebay();
        double write;
        double read;
        try (ServerProcess server = ServerProcess.start(forebay, data)) {
            Commands client = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
            String id = client.run("'%s' buffer create".formatted(forebay));
            String put = "'%s' buffer write %s -b %d -i '%s'".formatted(forebay, id, BLOCK, source);
            write = blocks * 1e9 / client.time(put).toNanos();
            read =
                    blocks
                            * 1e9
                            / client.time("'%s' buffer read %s > /dev/null".formatted(forebay, id))
                                    .toNanos();
            client.run("'%s' buffer read %s | cmp - '%s'".formatted(forebay, id, source));
        }
        Figure alone =
                run.report(
                        Figure.yardstick(
                                "write, sync, link, directory sync of 1 KiB, 16 threads",
                                "SYNCED",
                                calls,
                                Unit.PER_SECOND));
        run.report(
                Figure.ours(
                                "`forebay buffer write`, blocks of 1 KiB",
                                "SYNCED",
                                write,
                                Unit.PER_SECOND)
                        .beside(alone)
                        .goal(SHARE * calls));
        run.report(
                Figure.ours("`forebay buffer read`, blocks of 1 KiB", "–", read, Unit.PER_SECOND)
                        .goal(READ));
    }

    private static double calls(Path directory, int files) throws Exception {
        Files.createDirectory(directory);
        List<Future<?>> done = new ArrayList<>();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int t = 0; t < THREADS; t++) {
                int first = t;
                done.add(
                        threads.submit(() -> {
                            for (int i = first; i < files; i += THREADS) {
                                create(directory, i);
                            }
                            return null;
                        }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
        return files * 1e9 / (System.nanoTime() - begin);
    }

    private static void create(Path directory, int number) throws IOException {
        Path staged = directory.resolve("staged-" + number);
        try (FileChannel file =
                FileChannel.open(staged, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(BLOCK));
            file.force(false);
        }
        Files.createLink(directory.resolve("file-" + number), staged);
        try (FileChannel folder = FileChannel.open(directory)) {
            folder.force(true);
        }
        Files.delete(staged);
    }
}
