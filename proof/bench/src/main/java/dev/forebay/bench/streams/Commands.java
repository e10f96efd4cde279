package dev.forebay.bench.streams;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shell commands, timed as whole processes. */
public final class Commands {
    /** A time as the shell's {@code times} writes it. */
    private static final Pattern TIME = Pattern.compile("([0-9]+)m([0-9.]+)s");

    private final Map<String, String> environment;

    public Commands(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Wall time of a command, and the processor time of it and of all that it started. */
    public record Spent(Duration wall, Duration cpu) {}

    /**
     * Runs {@code script} in a shell and measures it; its output is dropped. The shell says its
     * children's times, which the kernel adds up when they end.
     */
    public Spent measure(String script) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        String times = run("{ %s; } > /dev/null && times".formatted(script));
        Duration wall = Duration.ofNanos(System.nanoTime() - begin);
        Duration cpu = Duration.ZERO;
        Matcher found = TIME.matcher(times);
        while (found.find()) {
            cpu =
                    cpu.plusSeconds(60 * Long.parseLong(found.group(1)))
                            .plusMillis(Math.round(1000 * Double.parseDouble(found.group(2))));
        }
        return new Spent(wall, cpu);
    }

    /** Runs {@code script} in a shell; anything but exit code 0 is an error. */
    public Duration time(String script) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        run(script);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /**
     * Runs {@code script} in a shell and returns its standard output without surrounding blanks.
     */
    public String run(String script) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-o", "pipefail", "-c", script)
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("exit code " + code + " of: " + script);
        }
        return out.strip();
    }
}
