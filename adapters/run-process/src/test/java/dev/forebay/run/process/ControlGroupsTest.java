package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.base.Clock;
import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Outcome;
import dev.forebay.run.Program;
import dev.forebay.run.Resources;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in control groups. What limits is tested where the system has not bound it to version 1. */
class ControlGroupsTest {
    private final Observed observed = new Observed();

    /** Empty if the test has none. */
    private Path group = Path.of("");

    @TempDir private Path directory;

    private void makeAGroup() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "skipped: needs root");
        Optional<Path> mount =
                Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                        .filter(line -> line.contains(" - cgroup2 "))
                        .map(line -> Path.of(line.split(" ", -1)[4]))
                        .filter(path -> !isReadOnly(path))
                        .findFirst();
        assumeTrue(
                mount.isPresent(),
                "skipped: no hierarchy of control groups of version 2 that can be written to");
        group = mount.get().resolve("forebay-test-" + UUID.randomUUID());
        Files.createDirectory(group);
    }

    private static boolean isReadOnly(Path mount) {
        try {
            return Files.getFileStore(mount).isReadOnly();
        } catch (IOException e) {
            return true;
        }
    }

    @AfterEach
    void removeTheGroup() throws IOException {
        if (group.isAbsolute()) {
            Files.delete(group); // Fails if a group of a run is left.
        }
    }

    private Executor open() throws Exception {
        return open(Duration.ofSeconds(30));
    }

    private Executor open(Duration grace) throws Exception {
        return ProcessExecutor.open(
                Settings.in(directory.resolve("runs"))
                        .withIsolation(Isolation.MARK)
                        .withHost(host -> host.withGrace(grace))
                        .withControlGroup(group),
                new Buffers());
    }

    /** Makes a group; skips the test unless it limits this. */
    private void need(String... controllers) throws IOException {
        makeAGroup();
        String there = Files.readString(group.resolve("cgroup.controllers"));
        for (String controller : controllers) {
            assumeTrue(
                    there.contains(controller),
                    "skipped: the controller of '%s' is bound to version 1 or not given away here; there is '%s'"
                            .formatted(controller, there.strip()));
        }
    }

    private static RunOrder order(String script, Resources resources) {
        Program program =
                Program.of(List.of("sh", "-c", script), List.of()).withResources(resources);
        return RunOrder.of(1, program, Map.of(), Duration.ofMinutes(5));
    }

    private static List<String> log(Executor executor) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        try (LogReader reader = executor.logs(1, LogQuery.ALL)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(new String(line.text(), StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    private List<String> groups() throws IOException {
        try (Stream<Path> names = Files.list(group)) {
            return names.filter(Files::isDirectory).map(Path::toString).toList();
        }
    }

    @Test
    void processThatEmptiesItsEnvironmentAndOutlivesItsParentEndsWithItsRun() throws Exception {
        need();
        String script =
                """
                (setsid env -i sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &)
                until [ -s pid ]; do sleep 0.01; done
                cat pid
                """;
        try (Executor executor = open()) {
            executor.start(order(script, Resources.UNSPECIFIED), observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            Stragglers.assertGone(log(executor).stream().map(Long::valueOf).toList());
            assertThat(groups()).isEmpty();
        }
    }

    @Test
    void canceledRunLeavesNoGroup() throws Exception {
        need();
        String script = "trap '' TERM; while :; do sleep 1; done";
        try (Executor executor = open(Duration.ofMillis(100))) {
            executor.start(order(script, Resources.UNSPECIFIED), observed);
            observed.awaitStart(1);
            executor.cancel(1, "enough");
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("enough"));
            assertThat(groups()).isEmpty();
        }
    }

    /** What a server that was killed leaves: a group with a process, and a record. */
    @Test
    void nextServerEndsWhatIsLeftInAGroup() throws Exception {
        need();
        ControlGroups groups = ControlGroups.open(group);
        RunRecord record = RunRecord.fresh(ProcessTable.boot());
        groups.create(record, Resources.UNSPECIFIED);
        List<String> words = new ArrayList<>(groups.enter("sh", record));
        words.addAll(List.of("sh", "-c", "sleep 1000 & echo; wait"));
        Process left = new ProcessBuilder(words).start();
        assertThat(left.getInputStream().read()).isEqualTo('\n');
        assertThat(groups.processes(record)).hasSize(2).contains(left.pid());
        new RunProcesses(record, Optional.of(groups)).kill(Clock.system());
        assertThat(left.waitFor()).isEqualTo(128 + 9);
        assertThat(groups()).isEmpty();
    }

    /** Each of the two processes stays below the limit. */
    @Test
    void processesOfARunTogetherAreHeldToItsMemory() throws Exception {
        need("memory");
        String part = "head -c 24000000 /dev/zero | tail -c 24000000 | (sleep 1; wc -c)";
        try (Executor executor = open()) {
            assertThat(executor.capabilities().memoryLimits()).isTrue();
            executor.start(
                    order(
                            "{ %s & %s; } | grep -vx 24000000".formatted(part, part),
                            Resources.UNSPECIFIED.withMemoryLimit(32 << 20)),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(executor))
                    .as("bytes that came from a process that was killed")
                    .anyMatch(line -> line.matches("\\d+"));
            assertThat(groups()).isEmpty();
        }
    }

    @Test
    void programBeyondItsMemoryFailsWithTheLimit() throws Exception {
        need("memory");
        try (Executor executor = open()) {
            executor.start(
                    order("exec tail /dev/zero", Resources.UNSPECIFIED.withMemoryLimit(32 << 20)),
                    observed);
            assertThat(observed.awaitEnd(1))
                    .isEqualTo(
                            Outcome.failed(
                                    "Main exceeded its memory limit of 32 MiB and exited with code 137"));
        }
    }

    @Test
    void programIsHeldToItsProcessorAndToANumberOfProcesses() throws Exception {
        need("cpu", "pids");
        String script =
                """
                cd %s$(sed -n s/^0:://p /proc/self/cgroup)
                cat cpu.max pids.max
                i=0
                while ! grep -q '^nr_throttled [1-9]' cpu.stat; do i=$((i+1)); done
                echo throttled
                """
                        .formatted(group.resolveSibling(""));
        try (Executor executor = open()) {
            assertThat(executor.capabilities().processorLimits()).isTrue();
            executor.start(order(script, limits(OptionalLong.empty(), 100)), observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(executor)).containsExactly("10000 100000", "4096", "throttled");
        }
    }

    private static Resources limits(OptionalLong memory, long millicores) {
        return new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                memory,
                OptionalLong.of(millicores),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    @Test
    void groupHasTheLimitsOfItsCodespec() {
        ControlGroups all = new ControlGroups(directory, Set.of("memory", "pids", "cpu"));
        assertThat(all.limits(limits(OptionalLong.of(1 << 20), 2500)))
                .isEqualTo(
                        Map.of(
                                "memory.max",
                                "1048576",
                                "memory.swap.max",
                                "0",
                                "pids.max",
                                "4096",
                                "cpu.max",
                                "250000 100000"));
        assertThat(all.limits(limits(OptionalLong.empty(), 1)))
                .isEqualTo(Map.of("pids.max", "4096", "cpu.max", "1000 100000"));
        ControlGroups none = new ControlGroups(directory, Set.of());
        assertThat(none.limits(limits(OptionalLong.of(1), 1))).isEmpty();
    }

    @Test
    void folderThatIsNoControlGroupIsRefused() {
        assertThatThrownBy(() -> ControlGroups.open(directory))
                .isInstanceOf(RunRefusedException.class)
                .hasMessageContaining("Delegate=yes");
    }
}
