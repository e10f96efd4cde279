package dev.forebay.bench.streams;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A {@code forebay serve} process on a free port with a data directory of its own. {@code close}
 * sends SIGTERM and waits for the end.
 */
public final class ServerProcess implements AutoCloseable {
    private static final String READY = "listening on ";
    private static final long TICKS_PER_SECOND = 100;

    private final Process process;
    private final URI uri;
    private final Duration startUp;

    private ServerProcess(Process process, URI uri, Duration startUp) {
        this.process = process;
        this.uri = uri;
        this.startUp = startUp;
    }

    public static ServerProcess start(Path forebay, Path data) throws IOException {
        long begin = System.nanoTime();
        Process process =
                new ProcessBuilder(
                                forebay.toString(),
                                "serve",
                                "--data",
                                data.toString(),
                                "--port",
                                "0")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        while (line != null && !line.contains(READY)) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IOException(
                    "expected a line with '" + READY + "' of the server, found its end");
        }
        Duration startUp = Duration.ofNanos(System.nanoTime() - begin);
        return new ServerProcess(
                process,
                URI.create(line.substring(line.indexOf(READY) + READY.length()).strip()),
                startUp);
    }

    URI uri() {
        return uri;
    }

    /** From the launch of the script to the line that says it listens. */
    public Duration startUp() {
        return startUp;
    }

    /** User and system time so far, as the kernel counts it. */
    Duration cpu() throws IOException {
        String stat = Files.readString(proc("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        return Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND);
    }

    /** Resident memory in MiB. */
    long residentMiB() throws IOException {
        for (String line : Files.readAllLines(proc("status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IOException("expected VmRSS in /proc/PID/status, found none");
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the server did not end within 30 s of SIGTERM");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the server ended", e);
        }
    }
}
