package dev.forebay.bench.streams;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A {@code forebay serve} process on a free port with a data directory of its own. {@code close}
 * sends SIGTERM and waits for the end.
 */
public final class ServerProcess implements AutoCloseable {
    private static final String READY = "listening on ";
    private static final long TICKS_PER_SECOND = 100;

    private final Process process;
    private final List<URI> uris;
    private final Duration startUp;

    private ServerProcess(Process process, List<URI> uris, Duration startUp) {
        this.process = process;
        this.uris = uris;
        this.startUp = startUp;
    }

    /** With further {@code options} of {@code serve}. */
    public static ServerProcess start(Path forebay, Path data, String... options)
            throws IOException {
        return start(forebay, data, false, options);
    }

    /** A server with a TLS listener, which serves the data log. */
    public static ServerProcess startWithTls(Path forebay, Path data) throws IOException {
        return start(forebay, data, true);
    }

    private static ServerProcess start(Path forebay, Path data, boolean tls, String... options)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(forebay.toString());
        command.addAll(List.of("serve", "--data", data.toString(), "--port", "0"));
        command.addAll(List.of(options));
        if (tls) {
            command.addAll(List.of("--tls-port", "0"));
        }
        long begin = System.nanoTime();
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        List<URI> uris = new ArrayList<>();
        while (uris.size() < (tls ? 2 : 1)) {
            uris.add(ready(out));
        }
        return new ServerProcess(process, uris, Duration.ofNanos(System.nanoTime() - begin));
    }

    private static URI ready(BufferedReader out) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            int at = line.indexOf(READY);
            if (at >= 0) {
                return URI.create(line.substring(at + READY.length()).strip());
            }
        }
        throw new IOException("expected a line with '" + READY + "' of the server, found its end");
    }

    public URI uri() {
        return uris.getFirst();
    }

    /** Of the TLS listener. */
    public URI tls() {
        return uris.get(1);
    }

    /** From the launch of the script to the line that says it listens. */
    public Duration startUp() {
        return startUp;
    }

    /** User and system time so far, as the kernel counts it. */
    public Duration cpu() throws IOException {
        String stat = Files.readString(proc("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        return Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND);
    }

    /** Resident memory in MiB. */
    long residentMiB() throws IOException {
        return memoryMiB("VmRSS:");
    }

    /** The most resident memory so far, in MiB. */
    public long mostResidentMiB() throws IOException {
        return memoryMiB("VmHWM:");
    }

    private long memoryMiB(String name) throws IOException {
        for (String line : Files.readAllLines(proc("status"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IOException("expected %s in /proc/PID/status, found none".formatted(name));
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
