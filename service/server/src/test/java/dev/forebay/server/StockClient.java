package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Python process that runs a scenario of {@code stock_client.py}. */
final class StockClient implements AutoCloseable {
    private static final long PATIENCE_MINUTES = 5;

    private final String scenario;
    private final Process process;
    private final BufferedReader output;

    /** Skips the test without the package, or fails it if the package has to be there. */
    static void need() throws Exception {
        boolean there;
        try {
            Process process =
                    new ProcessBuilder("python3", "-c", "import bosdyn.client")
                            .redirectErrorStream(true)
                            .start();
            process.getInputStream().readAllBytes();
            there = process.waitFor() == 0;
        } catch (IOException e) {
            there = false; // There is no Python.
        }
        if (System.getenv("FOREBAY_REQUIRE_CLIENTS") != null) {
            assertThat(there).as("Python can import bosdyn.client").isTrue();
        }
        assumeThat(there)
                .as("skipped: no Python that can import bosdyn.client; .ci/run installs it")
                .isTrue();
    }

    /**
     * @param folder for files of the client
     */
    StockClient(String scenario, int port, Path trust, Path folder) throws Exception {
        this(
                scenario,
                List.of(
                        Path.of(StockClient.class.getResource("/stock_client.py").toURI())
                                .toString(),
                        scenario,
                        String.valueOf(port),
                        trust.toString(),
                        folder.toString()));
    }

    /**
     * @param script the script and its arguments
     */
    StockClient(String scenario, List<String> script) throws IOException {
        this.scenario = scenario;
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(script);
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = process.inputReader(UTF_8);
    }

    /** Reads until the client says {@code line}. */
    void awaitLine(String line) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String said = output.readLine(); said != null; said = output.readLine()) {
            if (said.equals(line)) {
                return;
            }
            before.append(said).append('\n');
        }
        throw new AssertionError("%s ended without '%s':%n%s".formatted(scenario, line, before));
    }

    void say(String line) throws IOException {
        try (Writer in = process.outputWriter(UTF_8)) {
            in.write(line + "\n");
        }
    }

    /** Waits for the end, which must be a success, and returns what the client said. */
    String awaitSuccess() throws Exception {
        String said = String.join("\n", output.lines().toList());
        assertThat(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)).as(scenario).isTrue();
        assertThat(process.exitValue()).as("%s:%n%s", scenario, said).isZero();
        return said;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
