package dev.forebay.bench.peers;

import dev.forebay.bench.Figures;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs contenders in turns with one task: a warm-up round, then rounds that count. The other
 * contenders are divided by the first that runs. A contender that fails stays in the table, with
 * its reason.
 */
final class LogTable {
    private final String title;
    private final LogRound.Task task;
    private final List<Line> lines = new ArrayList<>();

    /** The results of one contender. */
    private static final class Line {
        private final Contender contender;
        private final List<Double> rates = new ArrayList<>();
        private final Figures calls = new Figures();
        private String failure = "";

        Line(Contender contender) {
            this.contender = contender;
        }

        double median() {
            double[] sorted = rates.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }

    LogTable(String title, LogRound.Task task, List<Contender> contenders) {
        this.title = title;
        this.task = task;
        contenders.forEach(contender -> lines.add(new Line(contender)));
    }

    void run(Path root, int rounds, PrintStream out) throws InterruptedException {
        for (int round = 0; round <= rounds; round++) {
            for (Line line : lines) {
                if (line.failure.isEmpty()) {
                    measure(line, root, round > 0);
                }
            }
        }
        print(out, rounds);
    }

    private void measure(Line line, Path root, boolean counts) throws InterruptedException {
        try {
            LogRound round = task.run(line.contender, root);
            if (counts) {
                line.rates.add(round.perSecond());
                line.calls.addAll(round.calls());
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | LinkageError e) {
            line.failure = e.toString();
            System.err.println(line.contender.name() + " failed:");
            e.printStackTrace();
        }
    }

    private void print(PrintStream out, int rounds) {
        out.println("\n### " + title + "\n");
        out.println(
                "| Who | Level | Files | Records/s, median of "
                        + rounds
                        + " | Lowest to highest | "
                        + (task.everyCall() ? "" : "1 of 64 calls: ")
                        + "p50 / p99 / slowest | × the first |");
        out.println("|---|---|---|---|---|---|---|");
        double first = 0;
        for (Line line : lines) {
            Contender who = line.contender;
            String begin = "| " + who.name() + " | " + who.level() + " | " + who.files() + " | ";
            if (!line.failure.isEmpty()) {
                out.println(begin + "did not run: " + line.failure + " | | | |");
                continue;
            }
            first = first == 0 ? line.median() : first;
            double[] sorted = line.rates.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(sorted);
            out.println(
                    begin
                            + rate(line.median())
                            + " | "
                            + rate(sorted[0])
                            + " to "
                            + rate(sorted[sorted.length - 1])
                            + " | "
                            + duration(line.calls.percentileMillis(50))
                            + " / "
                            + duration(line.calls.percentileMillis(99))
                            + " / "
                            + duration(line.calls.percentileMillis(100))
                            + String.format(Locale.ROOT, " | %.2f |", line.median() / first));
        }
        out.flush();
    }

    static String rate(double perSecond) {
        if (perSecond >= 1e6) {
            return String.format(Locale.ROOT, "%.1f M", perSecond / 1e6);
        }
        return perSecond >= 1e4
                ? String.format(Locale.ROOT, "%.1f k", perSecond / 1e3)
                : String.format(Locale.ROOT, "%.0f", perSecond);
    }

    private static String duration(double millis) {
        return millis >= 1
                ? String.format(Locale.ROOT, "%.1f ms", millis)
                : String.format(Locale.ROOT, "%.1f µs", millis * 1e3);
    }
}
