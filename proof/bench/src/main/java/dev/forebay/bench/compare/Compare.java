package dev.forebay.bench.compare;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Scale;
import dev.forebay.bench.Settings;
import dev.forebay.bench.Suite;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Compares two builds: {@code BEFORE AFTER [--pairs=10] [--scale=quick] [--directory=FOLDER]
 * [--output=FOLDER] [SUITE[/ROW]...]}, each a revision or the folder of a checkout.
 *
 * <p>The rows are those of this checkout, compiled against each build; those of {@code streams} run
 * each build's {@code forebay} and are compiled against the newer one. One pass measures every row
 * once on each side, each in a process of its own; the side that begins changes with every pass, so
 * that the order is A B, B A, A B, ... Ratios are taken within a pair. The program ends with 0 if
 * no row failed.
 */
public final class Compare {
    private static final List<Program> SUITES =
            List.of(
                    new Program("journal", "dev.forebay.bench.journal.JournalSuite", false),
                    new Program("records", "dev.forebay.bench.record.RecordSuite", false),
                    new Program("streams", "dev.forebay.bench.streams.StreamSuite", true),
                    new Program("catalogue", "dev.forebay.bench.control.CatalogueSuite", false));

    private final Path benchmarks;
    private final Side before;
    private final Side after;
    private final Settings settings;
    private final Path output;
    private final Tools tools;
    private final Map<String, Pairs> table = new LinkedHashMap<>();
    private final List<Figure> alone = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final long started = System.nanoTime();

    private Compare(
            Path benchmarks, Side before, Side after, Settings settings, Path output, Tools tools) {
        this.benchmarks = benchmarks;
        this.before = before;
        this.after = after;
        this.settings = settings;
        this.output = output;
        this.tools = tools;
    }

    /**
     * A suite and its main class.
     *
     * @param ofProcesses whether its rows run each build's own {@code forebay}, and so are compiled
     *     against the newer build alone
     */
    private record Program(String name, String main, boolean ofProcesses) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A row of a suite, compiled for both sides. */
    private record Task(Program suite, String row, boolean alone) {
        @Override
        public String toString() {
            return suite + "/" + row;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Settings settings =
                Settings.parse(arguments, Set.of("pairs", "scale", "directory", "output"));
        List<String> words = settings.words();
        if (words.size() < 2) {
            throw new IllegalArgumentException(
                    "expected BEFORE AFTER [SETTING...] [SUITE[/ROW]...], found " + words);
        }
        int pairs = Integer.parseInt(settings.get("pairs", "10"));
        if (pairs < Interval.FEWEST_PAIRS) {
            throw new IllegalArgumentException(
                    "expected --pairs of at least %d, found %d"
                            .formatted(Interval.FEWEST_PAIRS, pairs));
        }
        Path benchmarks = Path.of(System.getProperty("forebay.bench")).toAbsolutePath();
        Path target = Files.createDirectories(benchmarks.resolve("target/compare"));
        Path output =
                settings.values().containsKey("output")
                        ? Path.of(settings.get("output", "")).toAbsolutePath()
                        : Files.createTempDirectory(target, "run-");
        Files.createDirectories(output);
        Tools tools = new Tools(output.resolve("log"));
        Path repository = benchmarks.resolve("../..").normalize();
        Side before = Side.build("before", repository, words.get(0), target, tools);
        Side after = Side.build("after", repository, words.get(1), target, tools);
        Compare compare = new Compare(benchmarks, before, after, settings, output, tools);
        System.exit(compare.run(pairs, words.subList(2, words.size())) ? 0 : 1);
    }

    private boolean run(int pairs, List<String> wanted) throws IOException, InterruptedException {
        List<Task> tasks = tasks(wanted);
        for (int pass = 0; pass < pairs; pass++) {
            for (Task task : tasks) {
                if (!task.alone) {
                    pair(task, pass);
                    System.err.printf(
                            Locale.ROOT,
                            "pair %d of %d, %s, %d s since the start%n",
                            pass + 1,
                            pairs,
                            task,
                            Duration.ofNanos(System.nanoTime() - started).toSeconds());
                }
            }
        }
        for (Task task : tasks) {
            if (task.alone) {
                try {
                    alone.addAll(measure(task, after));
                } catch (IOException e) {
                    faults.add("%s: %s".formatted(task, e.getMessage()));
                }
            }
        }
        String report = new Report(before, after, pairs, table, alone, faults).toString();
        Files.writeString(output.resolve("table.md"), report, StandardCharsets.UTF_8);
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(report);
        System.err.println("written to " + output);
        return faults.isEmpty() && table.values().stream().noneMatch(Pairs::failed);
    }

    /** The rows to measure. A suite that does not compile against a side it needs is a fault. */
    private List<Task> tasks(List<String> wanted) throws IOException, InterruptedException {
        List<Task> tasks = new ArrayList<>();
        for (Program suite : SUITES) {
            if (wanted.isEmpty()
                    || wanted.stream().anyMatch(one -> one.split("/", 2)[0].equals(suite.name))) {
                try {
                    compile(suite, after);
                    List<Task> rows = rows(suite, wanted);
                    if (!suite.ofProcesses && !rows.stream().allMatch(Task::alone)) {
                        compile(suite, before);
                    }
                    tasks.addAll(rows);
                } catch (IOException e) {
                    faults.add("suite %s: %s".formatted(suite, e.getMessage()));
                }
            }
        }
        for (String one : wanted) {
            if (tasks.stream().noneMatch(task -> names(one, task)) && faults.isEmpty()) {
                throw new IllegalArgumentException(
                        "expected a suite of %s or SUITE/ROW, found '%s'".formatted(SUITES, one));
            }
        }
        return tasks;
    }

    private static boolean names(String wanted, Task task) {
        return wanted.equals(task.suite.name) || wanted.equals(task.toString());
    }

    private List<Task> rows(Program suite, List<String> wanted)
            throws IOException, InterruptedException {
        List<Task> rows = new ArrayList<>();
        for (String line : java(suite, after, List.of("--output=names")).split("\n", -1)) {
            boolean isAlone = line.endsWith(Suite.ALONE);
            String name = isAlone ? line.substring(0, line.length() - Suite.ALONE.length()) : line;
            Task task = new Task(suite, name, isAlone);
            if (wanted.isEmpty() || wanted.stream().anyMatch(one -> names(one, task))) {
                rows.add(task);
            }
        }
        return rows;
    }

    private void compile(Program suite, Side side) throws IOException, InterruptedException {
        Path sources = benchmarks.resolve("src/main/java");
        Path main = sources.resolve(suite.main.replace('.', '/') + ".java");
        side.compile(sources, main, classes(suite, side), tools);
    }

    private Path classes(Program suite, Side side) throws IOException {
        return Files.createDirectories(
                output.resolve("classes").resolve(side.role()).resolve(suite.name));
    }

    private void pair(Task task, int pass) throws IOException, InterruptedException {
        try {
            List<Figure> old;
            List<Figure> now;
            if (pass % 2 == 0) {
                old = measure(task, before);
                now = measure(task, after);
            } else {
                now = measure(task, after);
                old = measure(task, before);
            }
            add(task, old, now);
        } catch (IOException e) {
            faults.add("%s, pair %d: %s".formatted(task, pass + 1, e.getMessage()));
        }
    }

    private void add(Task task, List<Figure> old, List<Figure> now) throws IOException {
        for (int i = 0; i < now.size(); i++) {
            Figure figure = now.get(i);
            if (old.size() != now.size() || !old.get(i).what().equals(figure.what())) {
                throw new IOException("expected the same figures of both sides, found other ones");
            }
            String key = task + ": " + figure.what() + ", " + figure.level();
            table.computeIfAbsent(key, absent -> new Pairs()).add(old.get(i), figure);
        }
    }

    /** One process that measures one row; what earlier ones wrote is on the disk before. */
    private List<Figure> measure(Task task, Side side) throws IOException, InterruptedException {
        tools.run(output, Tools.ROW_LIMIT, "sync");
        String printed =
                java(
                        task.suite,
                        side,
                        List.of(
                                "--output=lines",
                                "--scale=" + settings.scale(Scale.QUICK),
                                "--directory=" + settings.directory(),
                                "--forebay=" + side.root().resolve("forebay"),
                                task.row));
        List<Figure> figures = printed.lines().map(Figure::parse).flatMap(List::stream).toList();
        if (figures.isEmpty()) {
            throw new IOException("expected figures of %s, found none".formatted(task));
        }
        List<String> raw = new ArrayList<>();
        figures.forEach(figure -> raw.add(side.role() + "\t" + task + "\t" + figure.toLine()));
        Files.write(
                output.resolve("figures.tsv"),
                raw,
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return figures;
    }

    private String java(Program suite, Side side, List<String> arguments)
            throws IOException, InterruptedException {
        Side compiled = suite.ofProcesses ? after : side;
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Tools.java("java"),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx3g",
                                "-cp",
                                classes(suite, compiled) + ":" + compiled.classPath(),
                                suite.main));
        command.addAll(arguments);
        return tools.run(output, Tools.ROW_LIMIT, command.toArray(String[]::new));
    }
}
