package dev.forebay.bench.runs;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.bench.streams.Commands;
import dev.forebay.bench.streams.ServerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * {@code run exec} of {@code cat} beside the same bytes through {@code buffer write} and {@code
 * buffer read} at once, as processes, by the shortest wall time from launch to end; and how long
 * the first byte takes through {@code cat}. What comes out is compared with what went in.
 */
final class ExecRow implements Suite.Row {
    private static final double SHARE = 0.7;
    private static final double FIRST_BYTE_GOAL = 150;

    @Override
    public void measure(Run run) throws Exception {
        int mebibytes = run.scale().of(512, 128, 1);
        Path in = run.fresh("input");
        Path out = run.fresh("output");
        fill(in, mebibytes);
        String user = System.getProperty("user.name");
        try (ServerProcess server =
                ServerProcess.start(
                        run.forebay(),
                        run.fresh("exec"),
                        "--executor",
                        "process",
                        "--executor-user",
                        user)) {
            Commands commands = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
            String forebay = "'" + run.forebay() + "'";
            commands.run(
                    forebay
                            + " codespec create cat --image none -i in -o out --command --"
                            + " sh -c 'cat < $(IN_PIPE) > $(OUT_PIPE)'");
            String pipe =
                    "id=$(%1$s buffer create) && { %1$s buffer read $id > %3$s & %1$s buffer write $id < %2$s && wait $!; }"
                            .formatted(forebay, in, out);
            String exec = "%1$s run exec -c cat < %2$s > %3$s".formatted(forebay, in, out);
            double bytes = Files.size(in);
            double pipeSeconds = Double.MAX_VALUE;
            double execSeconds = Double.MAX_VALUE;
            for (int i = 0; i < run.scale().of(3, 2, 1); i++) {
                pipeSeconds = Math.min(pipeSeconds, seconds(commands, pipe));
                same(in, out);
                execSeconds = Math.min(execSeconds, seconds(commands, exec));
                same(in, out);
            }
            String size = ", %d MiB".formatted(mebibytes);
            Figure floor =
                    run.report(
                            Figure.yardstick(
                                    "buffer write and buffer read at once" + size,
                                    "SYNCED",
                                    bytes / pipeSeconds,
                                    Unit.BYTES_PER_SECOND));
            run.report(
                    Figure.ours(
                                    "run exec of cat" + size,
                                    "SYNCED",
                                    bytes / execSeconds,
                                    Unit.BYTES_PER_SECOND)
                            .beside(floor)
                            .goal(SHARE * floor.value()));
            firstByte(run, server);
        }
    }

    private static double seconds(Commands commands, String script) throws Exception {
        return commands.time(script).toNanos() / 1e9;
    }

    private static void fill(Path file, int mebibytes) throws IOException {
        SplittableRandom random = new SplittableRandom(mebibytes);
        byte[] piece = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < mebibytes; i++) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
    }

    private static void same(Path in, Path out) throws IOException {
        long difference = Files.mismatch(in, out);
        if (difference >= 0) {
            throw new IllegalStateException(
                    "the output differs from the input at byte " + difference);
        }
    }

    /**
     * A first byte makes sure that all processes have started; the second is timed, from its write
     * to the standard input of {@code exec} to its read from the standard output.
     */
    private static void firstByte(Run run, ServerProcess server) throws Exception {
        Figures figures = new Figures();
        for (int i = 0; i < run.scale().of(10, 5, 1); i++) {
            ProcessBuilder builder =
                    new ProcessBuilder(run.forebay().toString(), "run", "exec", "-c", "cat");
            builder.environment().put("FOREBAY_SERVER", server.uri().toString());
            Process exec = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try (OutputStream to = exec.getOutputStream()) {
                for (int byteNumber = 0; byteNumber < 2; byteNumber++) {
                    long begin = System.nanoTime();
                    to.write(byteNumber);
                    to.flush();
                    if (exec.getInputStream().read() != byteNumber) {
                        throw new IllegalStateException("another byte came back, or none");
                    }
                    if (byteNumber == 1) {
                        figures.add(System.nanoTime() - begin);
                    }
                }
            }
            if (exec.waitFor() != 0) {
                throw new IOException("run exec ended with code " + exec.exitValue());
            }
        }
        run.report(
                Figure.ours(
                                "a byte through run exec of cat, p50",
                                "SYNCED",
                                figures.percentileMillis(50),
                                Unit.MILLISECONDS)
                        .goal(FIRST_BYTE_GOAL));
        run.note("a byte through run exec of cat: " + figures);
    }
}
