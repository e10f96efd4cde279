package dev.forebay.cli;

import dev.forebay.base.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The demonstration of runs: a server, and a program of this machine that it executes. */
final class RunDemo {
    private static final int SAMPLES_PER_SECOND = 360;
    private static final int SECONDS = 6;
    private static final int TICKS_PER_SECOND = 10;
    private static final int PIECE = SAMPLES_PER_SECOND / TICKS_PER_SECOND;
    private static final int MEAN_OF = 8;

    /** Reads a sample a line and writes the mean of the last eight; a shell buffers neither. */
    private static final String SMOOTH =
            """
            set -- 0 0 0 0 0 0 0 0; sum=0
            while read -r sample; do
                sum=$((sum + sample - $1)); shift; set -- "$@" "$sample"
                echo $((sum / 8))
            done < "$SIGNAL_PIPE" > "$SMOOTH_PIPE"
            """;

    private final DemoProcesses processes;
    private final Path recording;

    /** The processes are closed by the caller. */
    RunDemo(DemoProcesses processes, Path recording) {
        this.processes = processes;
        this.recording = recording;
    }

    /** False if a value differs. */
    boolean run(boolean spoil) throws IOException, InterruptedException {
        DemoProcesses.Running server = processes.startServer(1, options());
        String url = server.urls().getFirst();
        processes.say("server      " + url + ", with the process executor");
        String[] create = {
            "codespec",
            "create",
            "smooth",
            "--image",
            "none",
            "-i",
            "signal",
            "-o",
            "smooth",
            "--command",
            "--",
            "sh",
            "-c",
            SMOOTH
        };
        String _ = processes.output(url, create);
        processes.say("codespec    smooth: a script for sh, the mean of eight samples");
        Process exec = processes.start(url, "run", "exec", "--codespec", "smooth");
        processes.say(
                "run         forebay run exec, which writes %s at the speed of its acquisition"
                        .formatted(recording.getFileName()));
        AtomicInteger results = new AtomicInteger();
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<List<String>> all = new CompletableFuture<>();
        Worker _ =
                Worker.virtual(
                        "demo-run-output",
                        () -> {
                            try {
                                all.complete(read(exec, results, first));
                            } finally {
                                first.complete(null);
                            }
                        },
                        all::completeExceptionally);
        List<Integer> sent = samples();
        int early;
        try (OutputStream to = exec.getOutputStream()) {
            write(to, sent.subList(0, PIECE));
            get(first); // The program runs.
            for (int at = PIECE; at < sent.size(); at += PIECE) {
                TimeUnit.MILLISECONDS.sleep(1000 / TICKS_PER_SECOND);
                write(to, sent.subList(at, at + PIECE));
            }
            early = results.get();
        }
        List<String> lines = get(all);
        processes.expectDone(exec, "the run");
        if (spoil) {
            lines.set(0, "spoiled");
        }
        boolean good = early > 0 && lines.equals(smooth(sent));
        processes.say("");
        processes.say(
                DemoProcesses.row("written", "%d samples in %d s".formatted(sent.size(), SECONDS)));
        processes.say(DemoProcesses.row("results before the end", early + " lines"));
        processes.say(DemoProcesses.row("results", lines.size() + " lines"));
        processes.say("");
        processes.say(good ? "Every result is the mean of its samples." : "SOMETHING DIFFERS.");
        return good;
    }

    /** Programs of a server of root run as nobody, who must be able to pass their folder. */
    private String[] options() throws IOException {
        List<String> options = new ArrayList<>(List.of("--port", "0", "--executor", "process"));
        if (System.getProperty("user.name").equals("root")) {
            Files.setPosixFilePermissions(
                    processes.directory(), PosixFilePermissions.fromString("rwx--x--x"));
            options.addAll(
                    List.of(
                            "--executor-user",
                            "nobody",
                            "--executor-directory",
                            processes.directory().resolve("runs").toString()));
        }
        return options.toArray(String[]::new);
    }

    /** Counts the lines as they come. */
    private static List<String> read(
            Process exec, AtomicInteger results, CompletableFuture<Void> first) throws IOException {
        List<String> all = new ArrayList<>();
        try (BufferedReader lines = exec.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                all.add(line);
                results.incrementAndGet();
                first.complete(null);
            }
        }
        return all;
    }

    private List<Integer> samples() throws IOException {
        ShortBuffer all =
                ByteBuffer.wrap(Files.readAllBytes(recording))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer();
        List<Integer> samples = new ArrayList<>();
        while (samples.size() < SECONDS * SAMPLES_PER_SECOND) {
            samples.add(all.get() & 0xffff);
        }
        return samples;
    }

    private static void write(OutputStream to, List<Integer> samples) throws IOException {
        StringBuilder lines = new StringBuilder();
        samples.forEach(sample -> lines.append(sample.intValue()).append('\n'));
        to.write(lines.toString().getBytes(StandardCharsets.US_ASCII));
        to.flush();
    }

    private static <T> T get(CompletableFuture<T> came) throws IOException, InterruptedException {
        try {
            return came.get();
        } catch (ExecutionException e) {
            throw new IOException("the output of the run could not be read", e.getCause());
        }
    }

    private static List<String> smooth(List<Integer> samples) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            int sum = 0;
            for (int k = Math.max(0, i - MEAN_OF + 1); k <= i; k++) {
                sum += samples.get(k);
            }
            lines.add(String.valueOf(sum / MEAN_OF));
        }
        return lines;
    }
}
