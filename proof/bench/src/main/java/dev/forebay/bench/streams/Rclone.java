package dev.forebay.bench.streams;

import dev.forebay.base.ByteSize;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code rclone} to its own {@code serve webdav}, as a peer, where it is installed: client and
 * server together. It syncs nothing and keeps no digest of what it stores.
 */
final class Rclone {
    private final boolean installed = ServedCommand.isInstalled("rclone");
    private final List<Double> writing = new ArrayList<>();
    private final List<Double> reading = new ArrayList<>();
    private final List<Double> written = new ArrayList<>();
    private final List<Double> read = new ArrayList<>();

    void measure(Run run, Path source, ByteSize size) throws IOException, InterruptedException {
        if (!installed) {
            return;
        }
        Path data = Files.createDirectory(run.fresh("rclone"));
        Commands shell = new Commands(Map.of());
        int port = ServedCommand.freePort();
        ServedCommand served =
                new ServedCommand(
                        "rclone serve webdav '%s' --addr 127.0.0.1:%d".formatted(data, port), port);
        String remote = ":webdav,url='http://127.0.0.1:%d':copy".formatted(port);
        String put = "rclone copyto '%s' \"%s\"".formatted(source, remote);
        String get = "rclone cat \"%s\"".formatted(remote);
        Commands.Spent there = shell.measure(served.around(put));
        shell.run("cmp '%s' '%s'".formatted(data.resolve("copy"), source));
        Commands.Spent back = shell.measure(served.around(get));
        shell.run(served.around("%s | cmp - '%s'".formatted(get, source)));
        writing.add(TransferRow.perGib(there.cpu(), size));
        reading.add(TransferRow.perGib(back.cpu(), size));
        written.add(TransferRow.rate(there.wall(), size));
        read.add(TransferRow.rate(back.wall(), size));
        Run.delete(data);
    }

    void report(Run run, String size) {
        if (!installed) {
            return;
        }
        String write = "`rclone copyto` to its own `serve webdav`, " + size;
        String back = "`rclone cat` from it, " + size;
        Unit cpu = Unit.CPU_SECONDS_PER_GIB;
        Unit clock = Unit.BYTES_PER_SECOND;
        run.report(Figure.yardstick(write + ": both sides", "WRITTEN", Medians.of(writing), cpu));
        run.report(Figure.yardstick(back + ": both sides", "–", Medians.of(reading), cpu));
        run.report(Figure.yardstick(write + ", clock", "WRITTEN", Medians.of(written), clock));
        run.report(Figure.yardstick(back + ", clock", "–", Medians.of(read), clock));
    }
}
