package dev.forebay.bench.streams;

import dev.forebay.base.ByteSize;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/**
 * Lines of 64 KiB through {@code s2 lite} on a local directory, where it is installed, and the same
 * bytes through ours: each a script that starts the server, runs the command and ends the server.
 * S2 is a service of durable streams, and this its server for one machine. Its records are text
 * here, and it does not sync its directory.
 */
final class LinesRow implements Suite.Row {
    private static final int LINE = 64 << 10;

    /** One way through one server, and what it cost in each round. */
    private record Way(String what, String level, List<Double> cpu, List<Double> rates) {
        Way(String what, String level) {
            this(what, level, new ArrayList<>(), new ArrayList<>());
        }

        void add(Commands.Spent spent, ByteSize size) {
            cpu.add(TransferRow.perGib(spent.cpu(), size));
            rates.add(TransferRow.rate(spent.wall(), size));
        }
    }

    private final Way appended = new Way("`s2 append` to `s2 lite`", "WRITTEN");
    private final Way returned = new Way("`s2 read` from it", "–");
    private final Way written = new Way("`forebay buffer write`", "SYNCED");
    private final Way read = new Way("`forebay buffer read`", "–");

    @Override
    public void measure(Run run) throws Exception {
        boolean installed = ServedCommand.isInstalled("s2");
        int lines = 16 * run.scale().of(2048, 32, 2);
        ByteSize size = ByteSize.of((long) lines * LINE);
        Path source = run.fresh("lines");
        fill(source, lines);
        for (int round = 0; round < run.scale().of(3, 1, 1); round++) {
            if (installed) {
                s2(run, source, lines, size);
            }
            ours(run, source, size);
        }
        Run.delete(source);
        String bytes = ", " + size + " in lines of 64 KiB, with its server";
        report(run, bytes, appended, written);
        report(run, bytes, returned, read);
    }

    private static void fill(Path source, int lines) throws IOException {
        byte[] bytes = new byte[LINE];
        Random random = new Random(7);
        try (OutputStream out = Files.newOutputStream(source)) {
            for (int i = 0; i < lines; i++) {
                random.nextBytes(bytes);
                byte[] line = Base64.getEncoder().encode(bytes);
                line[LINE - 1] = '\n';
                out.write(line, 0, LINE);
            }
        }
    }

    private void s2(Run run, Path source, int lines, ByteSize size)
            throws IOException, InterruptedException {
        Path data = Files.createDirectory(run.fresh("s2"));
        int port = ServedCommand.freePort();
        String uri = "http://127.0.0.1:" + port;
        Commands shell =
                new Commands(
                        Map.of(
                                "S2_ACCOUNT_ENDPOINT", uri,
                                "S2_BASIN_ENDPOINT", uri,
                                "S2_ACCESS_TOKEN", "unused"));
        ServedCommand served =
                new ServedCommand(
                        "s2 lite --local-root '%s' --port %d".formatted(data, port), port);
        String stream = "s2://forebay-bench/lines";
        String append =
                "s2 create-basin forebay-bench --create-stream-on-append >/dev/null 2>&1 && s2 append %s -i '%s' >/dev/null 2>&1"
                        .formatted(stream, source);
        String back = "s2 read %s --seq-num 0 --count %d 2>/dev/null".formatted(stream, lines);
        appended.add(shell.measure(served.around(append)), size);
        returned.add(shell.measure(served.around(back)), size);
        shell.run(served.around("%s | cmp - '%s'".formatted(back, source)));
        Run.delete(data);
    }

    private void ours(Run run, Path source, ByteSize size)
            throws IOException, InterruptedException {
        Path data = run.fresh("data");
        String forebay = "'" + run.forebay() + "'";
        int port = ServedCommand.freePort();
        Path id = run.fresh("id");
        Commands shell = new Commands(Map.of("FOREBAY_SERVER", "http://127.0.0.1:" + port));
        ServedCommand served =
                new ServedCommand(
                        "%s serve --data '%s' --port %d".formatted(forebay, data, port), port);
        String write =
                "%1$s buffer create >'%2$s' && %1$s buffer write \"$(cat '%2$s')\" -i '%3$s' 2>/dev/null"
                        .formatted(forebay, id, source);
        String back = "%s buffer read \"$(cat '%s')\" 2>/dev/null".formatted(forebay, id);
        written.add(shell.measure(served.around(write)), size);
        read.add(shell.measure(served.around(back)), size);
        shell.run(served.around("%s | cmp - '%s'".formatted(back, source)));
        Run.delete(data);
        Run.delete(id);
    }

    private static void report(Run run, String bytes, Way peer, Way ours) {
        report(run, bytes, peer, ours, Way::cpu, Unit.CPU_SECONDS_PER_GIB);
        report(run, bytes + ", clock", peer, ours, Way::rates, Unit.BYTES_PER_SECOND);
    }

    private static void report(
            Run run, String bytes, Way peer, Way ours, Function<Way, List<Double>> of, Unit unit) {
        Figure figure =
                Figure.ours(ours.what + bytes, ours.level, Medians.of(of.apply(ours)), unit);
        if (!of.apply(peer).isEmpty()) {
            figure =
                    figure.beside(
                            run.report(
                                    Figure.yardstick(
                                            peer.what + bytes,
                                            peer.level,
                                            Medians.of(of.apply(peer)),
                                            unit)));
        }
        run.report(figure);
    }
}
