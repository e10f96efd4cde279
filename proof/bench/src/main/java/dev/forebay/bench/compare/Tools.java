package dev.forebay.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Other programs, run to their end. What they say on standard error goes to a log. */
record Tools(Path log) {
    /** For a build on a busy machine. */
    static final Duration BUILD_LIMIT = Duration.ofHours(1);

    /** For one process that measures a row. */
    static final Duration ROW_LIMIT = Duration.ofMinutes(20);

    /** A program of the JDK that runs this one. */
    static String java(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    /**
     * Runs {@code command} in {@code folder} and returns what it printed, without blanks around it.
     * A program that does not end within {@code limit} is killed, with its children.
     */
    String run(Path folder, Duration limit, String... command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("forebay-compare-", ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment());
            Process process = builder.start();
            if (!process.waitFor(limit)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IOException(
                        "expected an end within %d s, killed: %s"
                                .formatted(limit.toSeconds(), List.of(command)));
            }
            String printed = Files.readString(out, StandardCharsets.UTF_8).strip();
            if (process.exitValue() != 0) {
                throw new IOException(
                        "expected exit code 0, found %d of %s; see %s%n%s"
                                .formatted(process.exitValue(), List.of(command), log, printed));
            }
            return printed;
        } finally {
            Files.delete(out);
        }
    }

    private static Map<String, String> environment() {
        String home = System.getProperty("java.home");
        return Map.of("JAVA25_HOME", home, "FOREBAY_JAVA_HOME", home);
    }
}
