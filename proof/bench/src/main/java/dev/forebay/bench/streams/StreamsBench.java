package dev.forebay.bench.streams;

import dev.forebay.base.ByteSize;
import dev.forebay.bench.Figures;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures the streams face end to end and prints a table: throughput beside plain copies on the
 * same disk, latency of a follower, cost of idle followers beside polling, and start-up. What was
 * moved is compared by SHA-256 in every run; a difference ends the program.
 *
 * <p>Arguments: the {@code forebay} script, a directory on the disk to measure, the size (default
 * 4G), the number of rounds (default 3).
 */
public final class StreamsBench {
    private final Path forebay;
    private final Path directory;
    private final ByteSize size;
    private final int rounds;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private StreamsBench(Path forebay, Path directory, ByteSize size, int rounds) {
        this.forebay = forebay;
        this.directory = directory;
        this.size = size;
        this.rounds = rounds;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            throw new IllegalArgumentException(
                    "expected: FOREBAY-SCRIPT DIRECTORY [SIZE [ROUNDS]]");
        }
        Path directory =
                Files.createTempDirectory(Path.of(args[1]).toAbsolutePath(), "forebay-bench");
        try {
            new StreamsBench(
                            Path.of(args[0]).toAbsolutePath(),
                            directory,
                            ByteSize.parse(args.length > 2 ? args[2] : "4G"),
                            args.length > 3 ? Integer.parseInt(args[3]) : 3)
                    .run();
        } finally {
            deleteTree(directory);
        }
    }

    private void run() throws Exception {
        out.println("| What | Figure |");
        out.println("|---|---|");
        startUp();
        try (ServerProcess server = ServerProcess.start(forebay, directory.resolve("followers"))) {
            FollowerBench followers = new FollowerBench(server);
            followers.oneFollower(10_000); // Warms both sides up.
            row("follower: start of PUT (SYNCED) to byte", followers.oneFollower(1000));
            row("1000 idle followers, woken", followers.idle(1000, 10, 3, true));
            row("1000 idle followers, polling each 500 ms", followers.idle(1000, 10, 3, false));
        }
        throughput();
    }

    private void startUp() throws Exception {
        Figures ready = new Figures();
        Figures create = new Figures();
        for (int i = 0; i < 5; i++) {
            try (ServerProcess server =
                    ServerProcess.start(forebay, directory.resolve("start" + i))) {
                ready.add(server.startUp().toNanos());
                Commands commands = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
                for (int k = 0; k < 10; k++) {
                    create.add(commands.time("'" + forebay + "' buffer create").toNanos());
                }
            }
        }
        row("server ready, from the script's launch", ready);
        row("`forebay buffer create`, whole process", create);
    }

    private void throughput() throws Exception {
        Path source = directory.resolve("source");
        Commands plain = new Commands(Map.of());
        String hash =
                plain.run(
                        "'"
                                + forebay
                                + "' buffer gen "
                                + size.bytes()
                                + " | tee '"
                                + source
                                + "' | sha256sum");
        String copy = "'" + directory.resolve("copy") + "'";
        List<Duration> cp = new ArrayList<>();
        List<Duration> synced = new ArrayList<>();
        List<Duration> cat = new ArrayList<>();
        List<Duration> write = new ArrayList<>();
        List<Duration> read = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            cp.add(plain.time("cp '" + source + "' " + copy));
            plain.run("rm " + copy);
            synced.add(plain.time("cp '" + source + "' " + copy + " && sync " + copy));
            plain.run("rm " + copy);
            cat.add(plain.time("cat '" + source + "' | cat > /dev/null"));
            Path data = directory.resolve("round" + round);
            try (ServerProcess server = ServerProcess.start(forebay, data)) {
                Commands client = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
                String id = client.run("'" + forebay + "' buffer create");
                write.add(
                        client.time(
                                "'" + forebay + "' buffer write " + id + " -i '" + source + "'"));
                read.add(client.time("'" + forebay + "' buffer read " + id + " > /dev/null"));
                String back = client.run("'" + forebay + "' buffer read " + id + " | sha256sum");
                if (!back.equals(hash)) {
                    throw new IOException("read back " + back + ", wrote " + hash);
                }
            }
            deleteTree(data);
        }
        rate("`cp`", cp);
        rate("`cp` and `sync` of the copy", synced);
        rate("`cat FILE | cat`", cat);
        rate("`forebay buffer write` (SYNCED)", write);
        rate("`forebay buffer read`, digest and chain checked", read);
    }

    private void rate(String what, List<Duration> times) {
        Collections.sort(times);
        Duration median = times.get(times.size() / 2);
        double gigabytes = size.bytes() / 1e9 / (median.toNanos() / 1e9);
        row(
                what + ", " + size,
                String.format(Locale.ROOT, "%.2f GB/s, median of %d", gigabytes, times.size()));
    }

    private void row(String what, Object figure) {
        out.println("| " + what + " | " + figure + " |");
    }

    private static void deleteTree(Path root) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}
