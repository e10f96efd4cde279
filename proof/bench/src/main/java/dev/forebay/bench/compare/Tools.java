package dev.forebay.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Other programs, run to their end. What they say on standard error goes to a log. */
record Tools(Path log) {
    private static final long MINUTES = 15;

    /** A program of the JDK that runs this one. */
    static String java(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    void run(Path folder, String... command) throws IOException, InterruptedException {
        output(folder, command);
    }

    /**
     * What {@code command} printed, without blanks around it. A program that does not end within 15
     * minutes is killed, with its children.
     */
    String output(Path folder, String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("forebay-compare-", ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment());
            Process process = builder.start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IOException(
                        "expected an end within %d minutes, killed: %s"
                                .formatted(MINUTES, List.of(command)));
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
