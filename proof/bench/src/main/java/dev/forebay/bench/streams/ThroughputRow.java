package dev.forebay.bench.streams;

import dev.forebay.base.ByteSize;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writing a buffer and reading it, as processes, on one machine and one disk. The yardsticks are
 * measured in the same rounds: copies of a file, a pipe, and the JDK's MD5, which ours computes
 * once in the writer, once in the server and once in the reader. What is read is compared by
 * SHA-256 in every round.
 */
final class ThroughputRow implements Suite.Row {
    private final List<Double> copy = new ArrayList<>();
    private final List<Double> syncedCopy = new ArrayList<>();
    private final List<Double> pipe = new ArrayList<>();
    private final List<Double> digest = new ArrayList<>();
    private final List<Double> write = new ArrayList<>();
    private final List<Double> read = new ArrayList<>();

    @Override
    public void measure(Run run) throws Exception {
        ByteSize size = ByteSize.ofMiB(run.scale().of(4096, 256, 16));
        int rounds = run.scale().of(3, 1, 1);
        Path source = run.fresh("source");
        String hash =
                new Commands(Map.of())
                        .run(
                                "'%s' buffer gen %d | tee '%s' | sha256sum"
                                        .formatted(run.forebay(), size.bytes(), source));
        for (int round = 0; round < rounds; round++) {
            yardsticks(run, source, size.bytes());
            ours(run, source, size.bytes(), hash);
        }
        report(run, Figure.yardstick("`cp`, " + size, "WRITTEN", 0, Unit.BYTES_PER_SECOND), copy);
        Figure synced =
                report(
                        run,
                        Figure.yardstick(
                                "`cp` and `sync` of the copy, " + size,
                                "SYNCED",
                                0,
                                Unit.BYTES_PER_SECOND),
                        syncedCopy);
        report(
                run,
                Figure.ours("`forebay buffer write`, " + size, "SYNCED", 0, Unit.BYTES_PER_SECOND)
                        .beside(synced),
                write);
        report(
                run,
                Figure.yardstick("MD5 of the JDK, one thread", "–", 0, Unit.BYTES_PER_SECOND),
                digest);
        Figure piped =
                report(
                        run,
                        Figure.yardstick(
                                "`cat FILE \\| cat`, " + size, "–", 0, Unit.BYTES_PER_SECOND),
                        pipe);
        report(
                run,
                Figure.ours("`forebay buffer read`, " + size, "–", 0, Unit.BYTES_PER_SECOND)
                        .beside(piped),
                read);
    }

    private void yardsticks(Run run, Path source, long bytes) throws Exception {
        Commands plain = new Commands(Map.of());
        Path target = run.fresh("copy");
        copy.add(rate(bytes, plain.time("cp '%s' '%s'".formatted(source, target))));
        Run.delete(target);
        syncedCopy.add(
                rate(
                        bytes,
                        plain.time("cp '%1$s' '%2$s' && sync '%2$s'".formatted(source, target))));
        Run.delete(target);
        pipe.add(rate(bytes, plain.time("cat '%s' | cat > /dev/null".formatted(source))));
        digest.add(md5());
    }

    private void ours(Run run, Path source, long bytes, String hash)
            throws IOException, InterruptedException {
        Path data = run.fresh("data");
        Path forebay = run.forebay();
        try (ServerProcess server = ServerProcess.start(forebay, data)) {
            Commands client = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
            String id = client.run("'%s' buffer create".formatted(forebay));
            write.add(
                    rate(
                            bytes,
                            client.time(
                                    "'%s' buffer write %s -i '%s'"
                                            .formatted(forebay, id, source))));
            read.add(
                    rate(
                            bytes,
                            client.time("'%s' buffer read %s > /dev/null".formatted(forebay, id))));
            String back = client.run("'%s' buffer read %s | sha256sum".formatted(forebay, id));
            if (!back.equals(hash)) {
                throw new IOException(
                        "expected to read back bytes with SHA-256 %s, found %s"
                                .formatted(hash, back));
            }
        }
        Run.delete(data);
    }

    private static double md5() throws GeneralSecurityException {
        byte[] block = new byte[4 << 20];
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        double best = 0;
        for (int i = 0; i < 5; i++) {
            long before = System.nanoTime();
            for (int k = 0; k < 16; k++) {
                md5.update(block);
            }
            if (md5.digest().length == 16) {
                best = Math.max(best, 16e9 * block.length / (System.nanoTime() - before));
            }
        }
        return best;
    }

    private static double rate(long bytes, Duration time) {
        return bytes * 1e9 / time.toNanos();
    }

    /** Reports {@code figure} with the median of {@code rates}. */
    private static Figure report(Run run, Figure figure, List<Double> rates) {
        return run.report(figure.value(Medians.of(rates)));
    }
}
