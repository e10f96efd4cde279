package dev.forebay.bench.streams;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Shell commands, timed as whole processes. */
final class Commands {
    private final Map<String, String> environment;

    Commands(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs {@code script} in a shell; anything but exit code 0 is an error. */
    Duration time(String script) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        run(script);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /**
     * Runs {@code script} in a shell and returns its standard output without surrounding blanks.
     */
    String run(String script) throws IOException, InterruptedException {
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
