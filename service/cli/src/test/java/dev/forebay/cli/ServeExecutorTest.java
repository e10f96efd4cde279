package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.client.RunInfo;
import dev.forebay.client.RunSearch;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server process that executes programs, and what the next one makes of those it left. */
@EnabledOnOs(OS.LINUX)
final class ServeExecutorTest {
    private static final String WARNING = "Warning: every local user can run programs";
    private static final long GUARD_NANOS = 90_000_000_000L;

    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    private ServeProcess serve(String drain) throws IOException {
        return new ServeProcess(
                directory,
                "--executor",
                "process",
                "--drain",
                drain,
                "--executor-user",
                System.getProperty("user.name"));
    }

    private static void codespec(ServeProcess server, String name, String... optionsAndScript) {
        List<String> words = new ArrayList<>(List.of("codespec", "create", name));
        words.addAll(List.of("--server", server.url(), "--image", "none"));
        words.addAll(List.of(optionsAndScript).subList(0, optionsAndScript.length - 1));
        String script = optionsAndScript[optionsAndScript.length - 1];
        words.addAll(List.of("--command", "--", "sh", "-c", script));
        CLI.run(words.toArray(String[]::new)).text();
    }

    private static void cat(ServeProcess server) {
        codespec(server, "cat", "-i", "in", "-o", "out", "cat $(IN_PIPE) > $(OUT_PIPE)");
    }

    /** Each server has the runs of the ones before it. */
    @Test
    void runsOfAServerThatStopsOrIsKilledAreLost() throws Exception {
        try (ServeProcess server = serve("0")) {
            cat(server);
            execute(server);
            server.begin(CLI, "cat", 2);
            if (String.valueOf(server.client().metadata().get("executor")).contains("bubblewrap")) {
                assertThat(server.errors()).doesNotContain(WARNING);
            } else {
                assertThat(server.errors()).contains(WARNING);
            }
            stop(server);
            server.start();
            assertLost(server, 2);
            server.begin(CLI, "cat", 3);
            server.kill();
            server.start();
            assertLost(server, 3);
            execute(server);
            stop(server);
        }
    }

    private static void stop(ServeProcess server) throws InterruptedException {
        server.signal(ServeProcess.TERM);
        assertThat(server.awaitExit()).isZero();
    }

    private static void execute(ServeProcess server) {
        Cli.Outcome done =
                CLI.runWith(
                        "abc".getBytes(UTF_8),
                        "run",
                        "exec",
                        "-c",
                        "cat",
                        "--server",
                        server.url());
        assertThat(new String(done.data(), UTF_8)).as(done.err()).isEqualTo("abc");
    }

    private static void assertLost(ServeProcess server, long id) {
        RunInfo last = server.awaitEnd(id);
        assertThat(last.status()).isEqualTo("Failed");
        assertThat(last.statusReason()).contains("server lost");
        String out = String.valueOf(last.buffers().get("out"));
        Cli.Outcome read = CLI.run("buffer", "read", out, "--server", server.url());
        assertThat(read.code()).isEqualTo(1);
        assertThat(read.err()).contains("failed");
    }

    /** Blocks until nothing of the runs is left at the executor. */
    private static void awaitArchive(ServeProcess server) throws IOException {
        long deadline = System.nanoTime() + GUARD_NANOS;
        List<String> left = folders(server);
        while (!left.isEmpty()) {
            assertThat(System.nanoTime() - deadline).as("left of runs: %s", left).isNegative();
            Thread.onSpinWait();
            left = folders(server);
        }
    }

    private static List<String> folders(ServeProcess server) throws IOException {
        try (Stream<Path> runs = Files.list(server.data().resolve("runs"))) {
            return runs.map(ServeExecutorTest::name).filter(name -> name.matches("\\d+")).toList();
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static List<Path> archived(ServeProcess server) throws IOException {
        try (Stream<Path> files = Files.walk(server.data().resolve("run-logs"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> name(file.resolveSibling(".").normalize()).matches("\\d+"))
                    .toList();
        }
    }

    private static boolean hasIndex(List<Path> files) {
        return files.stream().anyMatch(file -> name(file).startsWith("index"));
    }

    private static String log(ServeProcess server, long id) {
        return new String(
                CLI.run("run", "logs", Long.toString(id), "--timestamps", "--server", server.url())
                        .data(),
                UTF_8);
    }

    /** The server is killed once the first of many pieces is there, before the index is. */
    @Test
    void logOfAServerThatIsKilledWhileItArchivesIsWholeAndNothingIsLeft() throws Exception {
        try (ServeProcess server = serve("0")) {
            codespec(
                    server,
                    "talk",
                    "i=0; while [ $i -lt 40 ]; do printf %01000000d\\\\n $i; i=$((i+1)); done");
            CLI.run("run", "create", "-c", "talk", "--server", server.url()).text();
            long deadline = System.nanoTime() + GUARD_NANOS;
            while (archived(server).isEmpty()) {
                assertThat(System.nanoTime() - deadline).as("waiting for a piece").isNegative();
            }
            server.kill();
            assertThat(hasIndex(archived(server))).as("archived before the kill").isFalse();
            server.start();
            String log = log(server, 1);
            assertThat(log.lines().map(line -> line.length())).hasSize(40).containsOnly(1_000_031);
            RunInfo last = server.awaitEnd(1);
            assertThat(last.status()).as("%s", last.statusReason()).isEqualTo("Succeeded");
            assertThat(server.client().runs().cancel(1).status()).isEqualTo("Succeeded");
            awaitArchive(server);
            assertThat(log(server, 1)).isEqualTo(log);
            assertThat(hasIndex(archived(server))).isTrue();
            assertThat(archived(server)).as("pieces of two lines each, and the index").hasSize(21);
        }
    }

    @Test
    void logOfALostRunIsFollowedToItsEndWhichIsTold() throws Exception {
        try (ServeProcess server = serve("0")) {
            codespec(server, "wait", "echo one; echo two; sleep 1000");
            server.begin(CLI, "wait", 1);
            Path errors = directory.resolve("follow");
            Process follow = server.command(errors, "run", "logs", "1", "--follow");
            try (BufferedReader log = follow.inputReader(UTF_8)) {
                assertThat(log.readLine()).isEqualTo("one");
                assertThat(log.readLine()).isEqualTo("two");
                server.kill();
                server.start();
                assertThat(log.readLine()).isNull();
            }
            assertThat(follow.waitFor()).isZero();
            assertThat(Files.readString(errors).lines())
                    .hasSize(2)
                    .last()
                    .isEqualTo("Warning: run 1 has ended: Failed (server lost)");
        }
    }

    /** A server that drains serves on, and starts no run. */
    @Test
    void serverThatIsKilledWhileItDrainsLosesWhatRanAndNothingElse() throws Exception {
        try (ServeProcess server = serve("1h")) {
            cat(server);
            codespec(server, "true", "exit 0");
            server.begin(CLI, "cat", 1);
            server.begin(CLI, "cat", 2);
            server.signal(ServeProcess.TERM);
            long waits = 3;
            while (create(server, "true") == waits && !stays(server, waits)) {
                waits++;
            }
            Cli.Outcome cancel = CLI.run("run", "cancel", "2", "--server", server.url());
            assertThat(cancel.code()).as(cancel.err()).isZero();
            assertThat(server.awaitEnd(2).status()).isEqualTo("Canceled");
            assertThat(server.client().runs().get(1).status()).isEqualTo("Running");
            server.kill();
            server.start();
            assertLost(server, 1);
            assertThat(server.awaitEnd(2).status()).isEqualTo("Canceled");
            assertThat(server.awaitEnd(waits).status()).isEqualTo("Succeeded");
            awaitArchive(server);
            server.signal(ServeProcess.TERM);
            assertThat(server.awaitExit()).as("nothing runs").isZero();
        }
    }

    /** Each program notes that it was started, so a run that is executed twice is seen. */
    @Test
    void manyRunsInWhoseMiddleTheServerIsKilledTwiceEachEndOnce() throws Exception {
        int count = Integer.getInteger("forebay.test.runs", 200);
        Path started = Files.createFile(directory.resolve("started"));
        try (ServeProcess server = serve("0")) {
            for (int run = 1; run <= count; run++) {
                String script = "echo %d >> %s; sleep 0.0%d".formatted(run, started, run % 10);
                RunInfo made = server.client().runs().create(job(script), "key-" + run);
                assertThat(made.id()).isEqualTo(run);
            }
            awaitSucceeded(server, count / 4);
            server.kill();
            server.start();
            awaitSucceeded(server, count / 2);
            server.kill();
            server.start();
            Map<String, Integer> ends = new TreeMap<>();
            Set<Long> succeeded = new HashSet<>();
            for (long run = 1; run <= count; run++) {
                RunInfo last = server.awaitEnd(run);
                ends.merge(last.status() + last.statusReason().orElse(""), 1, Integer::sum);
                if (last.status().equals("Succeeded")) {
                    succeeded.add(run);
                }
            }
            assertThat(ends).as("%s", ends).containsOnlyKeys("Succeeded", "Failedserver lost");
            List<Long> starts = Files.readAllLines(started).stream().map(Long::valueOf).toList();
            assertThat(starts).as("%s", ends).doesNotHaveDuplicates().containsAll(succeeded);
            awaitArchive(server);
            assertThat(processesOfRuns(server)).isEmpty();
        }
    }

    private static Map<String, Object> job(String script) {
        Map<String, Object> codespec =
                Map.of("kind", "job", "image", "none", "command", List.of("sh", "-c", script));
        return Map.of("job", Map.of("codespec", codespec));
    }

    private static void awaitSucceeded(ServeProcess server, int least) {
        RunSearch all = new RunSearch(List.of(), Map.of(), List.of(), null, null, null, null, null);
        long deadline = System.nanoTime() + GUARD_NANOS;
        Map<String, Object> counts = Map.of();
        while (!(counts.get("succeeded") instanceof Number found) || found.intValue() < least) {
            assertThat(System.nanoTime() - deadline).as("%s", counts).isNegative();
            counts = server.client().runs().counts(all);
        }
    }

    /** The command lines in which the directory of runs is named, but that of the server. */
    private static List<String> processesOfRuns(ServeProcess server) {
        String runs = server.data().resolve("runs").toString();
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(runs))
                .toList();
    }

    /** Whether the run is still not started after a while in which others have ended. */
    private static boolean stays(ServeProcess server, long run) {
        long deadline = System.nanoTime() + 3_000_000_000L;
        String status = "Pending";
        while (status.equals("Pending") && System.nanoTime() - deadline < 0) {
            status = server.client().runs().get(run).status();
        }
        return status.equals("Pending");
    }

    private static long create(ServeProcess server, String codespec) {
        return Long.parseLong(
                CLI.run("run", "create", "-c", codespec, "--server", server.url()).text());
    }
}
