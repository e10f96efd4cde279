package dev.forebay.run.process;

import dev.forebay.base.Reason;
import dev.forebay.run.Resources;
import dev.forebay.run.RunRefusedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The control groups (version 2) of the runs of a server, in one that is the server's to divide.
 *
 * <p><b>Guarantee.</b> The processes of a run are in a group of its own from their first
 * instruction. A limit of its codespec holds for all of them together, and nothing is swapped out
 * beyond it; there are at most {@link #MOST_PROCESSES} of them. {@link #kill} ends all, those that
 * are made meanwhile included.
 *
 * <p><b>Limit.</b> Of the kinds of limits only those are enforced whose controllers the group above
 * gives away. A program that may write to the files of its group can leave it: one that runs as the
 * server's user, unless bubblewrap makes them read-only.
 *
 * <p>Safe for use by many threads; blocks on the kernel's files.
 *
 * @param root has a group for each run and, if it is the server's own, one for the server
 * @param controllers those of memory, pids and cpu that limit here
 */
record ControlGroups(Path root, Set<String> controllers) {
    /** Threads count as well. */
    static final int MOST_PROCESSES = 4096;

    private static final List<String> WANTED = List.of("memory", "pids", "cpu");
    private static final String PROCESSES = "cgroup.procs";
    private static final String CONTROL = "cgroup.subtree_control";

    private static final String SWAP = "memory.swap.max";

    /** Fields of a line of mountinfo: what of the file system is mounted, and where. */
    private static final int ROOT = 3;

    private static final int MOUNT = 4;

    /** One period of the scheduler, in microseconds, in which a thousandth of it is a millicore. */
    private static final long PERIOD = 100_000;

    /** The kernel takes no less. */
    private static final long LEAST_QUOTA = 1000;

    /**
     * Takes a group that is the server's to divide. If the server is in it, it moves to a group in
     * there with all others, such as the shell that started it: processes must not be beside groups
     * that have limits.
     *
     * @throws RunRefusedException if it is none, or the server must not divide it
     */
    static ControlGroups open(Path root) throws IOException {
        try {
            String self = Long.toString(ProcessHandle.current().pid());
            List<String> inside = Files.readAllLines(root.resolve(PROCESSES));
            if (inside.contains(self)) {
                Path own = root.resolve("server");
                make(own);
                for (String process : inside) {
                    write(own.resolve(PROCESSES), process);
                }
            }
            Set<String> usable = new HashSet<>(WANTED);
            usable.retainAll(words(root.resolve("cgroup.controllers")));
            for (String controller : usable) {
                write(root.resolve(CONTROL), "+" + controller);
            }
            return new ControlGroups(root, Set.copyOf(usable));
        } catch (IOException e) {
            throw new RunRefusedException(
                    "expected a control group of version 2 that this server may divide at %s: %s; have systemd give it away with Delegate=yes, or leave --executor-cgroup out"
                            .formatted(root, Reason.of(e)));
        }
    }

    private static void make(Path group) throws IOException {
        if (!Files.isDirectory(group, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(group);
        }
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(Files.readString(file).strip().split("\\s+"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }

    boolean limitsMemory() {
        return controllers.contains("memory");
    }

    boolean limitsProcessors() {
        return controllers.contains("cpu");
    }

    /** The group of the run with this mark. */
    Path of(RunRecord record) {
        return root.resolve("run-" + record.mark());
    }

    /** Makes the group of a run, with its limits. */
    void create(RunRecord record, Resources resources) throws IOException {
        Path group = of(record);
        Files.createDirectory(group);
        for (Map.Entry<String, String> limit : limits(resources).entrySet()) {
            Path file = group.resolve(limit.getKey());
            if (!limit.getKey().equals(SWAP) || Files.exists(file)) { // A kernel may have no swap.
                write(file, limit.getValue());
            }
        }
    }

    /** What is written to the files of a group. */
    Map<String, String> limits(Resources resources) {
        Map<String, String> limits = new TreeMap<>();
        if (limitsMemory() && resources.memoryLimit().isPresent()) {
            limits.put("memory.max", Long.toString(resources.memoryLimit().getAsLong()));
            limits.put(SWAP, "0");
        }
        if (controllers.contains("pids")) {
            limits.put("pids.max", Integer.toString(MOST_PROCESSES));
        }
        if (limitsProcessors() && resources.millicoreLimit().isPresent()) {
            long quota = resources.millicoreLimit().getAsLong() * PERIOD / 1000;
            limits.put("cpu.max", Math.max(quota, LEAST_QUOTA) + " " + PERIOD);
        }
        return limits;
    }

    /** The words that put the command line behind them into the group of a run. */
    List<String> enter(String sh, RunRecord record) {
        return List.of(
                sh,
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                of(record).resolve(PROCESSES).toString());
    }

    /** Whether the kernel has ended a process of the run because of its limit on memory. */
    boolean exceededMemory(RunRecord record) {
        try {
            return Files.readAllLines(of(record).resolve("memory.events")).stream()
                    .anyMatch(line -> line.matches("oom_kill [1-9]\\d*"));
        } catch (IOException e) {
            return false; // The exit code alone says how it ended.
        }
    }

    /** Ends all processes of the run. */
    void kill(RunRecord record) throws IOException {
        try {
            write(of(record).resolve("cgroup.kill"), "1");
        } catch (NoSuchFileException e) {
            return; // There is no group, or the kernel (before 5.14) cannot do it.
        }
    }

    /** The numbers of the processes that are in the group of the run. */
    List<Long> processes(RunRecord record) throws IOException {
        try {
            List<Long> numbers = new ArrayList<>();
            for (String line : Files.readAllLines(of(record).resolve(PROCESSES))) {
                numbers.add(Long.parseLong(line));
            }
            return numbers;
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Removes the group of a run and those in it; false if a process of it still ends. */
    boolean remove(RunRecord record) {
        try {
            remove(of(record));
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The files of a group go with it. */
    private static void remove(Path group) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(group, Files::isDirectory)) {
            for (Path name : names) {
                remove(name);
            }
        }
        Files.delete(group);
    }

    /** The group that this server is in. */
    static Path own() throws IOException {
        for (String mount : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            String[] fields = mount.split(" ", -1);
            if (mount.contains(" - cgroup2 ")) {
                Path root = Path.of(fields[ROOT]);
                return Path.of(fields[MOUNT]).resolve(root.relativize(ownName()));
            }
        }
        throw new RunRefusedException(
                "expected a hierarchy of control groups of version 2, found none mounted; leave --executor-cgroup out");
    }

    private static Path ownName() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .filter(line -> line.startsWith("0::"))
                .map(line -> Path.of(line.substring("0::".length())))
                .findFirst()
                .orElseThrow(() ->
                        new RunRefusedException(
                                "expected this server in a control group of version 2, found it in none; leave --executor-cgroup out"));
    }
}
