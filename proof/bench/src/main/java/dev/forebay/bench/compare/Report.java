package dev.forebay.bench.compare;

import dev.forebay.bench.Figure;
import java.lang.management.ManagementFactory;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The result as Markdown. */
record Report(
        Side before,
        Side after,
        int pairs,
        Map<String, Pairs> table,
        List<Figure> alone,
        List<String> faults) {
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(introduction());
        text.append("| What | Level | Before | After | Ratio, 95 % interval | Verdict | Goal |\n");
        text.append("|---|---|---|---|---|---|---|\n");
        table.values().forEach(row -> text.append(line(row)));
        for (Figure figure : alone) {
            text.append(
                    "| %s | %s | not measured | %s | – | – | %s |%n"
                            .formatted(
                                    figure.what(),
                                    figure.level(),
                                    figure.unit().format(figure.value()),
                                    figure.goalBeside(figure.value())));
        }
        text.append('\n');
        long failed = table.values().stream().filter(Report::judged).filter(Pairs::failed).count();
        long judged = table.values().stream().filter(Report::judged).count();
        text.append("%d of %d rows failed.%n".formatted(failed, judged));
        for (String fault : faults) {
            text.append("%nNot measured: %s%n".formatted(fault));
        }
        return text.toString();
    }

    private String introduction() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        Interval example = Interval.of(new double[pairs]);
        return """
        Before: %s. After: %s. %s, JDK %s, %d cores, load average %.2f at the end; %d pairs a row.
        The rows are one program, compiled against each build. Each figure is of a process of its own, and the sides take
        turns: A B, B A, ... "Before" and "After" are medians. The ratio is the median of the pairs' ratios, above 1 where
        the newer build is better, whatever the unit; its interval is that of the sign test (%.1f %% with %d pairs). A row
        fails if its whole interval lies below %.2f. Yardsticks are other programs, the same on both sides: their intervals
        show what the machine alone did.%s

        """
                .formatted(
                        before.name(),
                        after.name(),
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.version(),
                        system.getAvailableProcessors(),
                        system.getSystemLoadAverage(),
                        pairs,
                        example.coverage() * 100,
                        pairs,
                        Pairs.WORST,
                        pairs < 10 ? " Fewer than ten pairs: a trial, not a result." : "");
    }

    private static boolean judged(Pairs row) {
        return !row.row().yardstick();
    }

    private static String line(Pairs row) {
        Figure figure = row.row();
        String ratio = "too few pairs: " + row.count();
        String verdict = "**FAIL**";
        if (row.count() >= Interval.FEWEST_PAIRS) {
            Interval interval = row.ratio();
            ratio =
                    String.format(
                            Locale.ROOT,
                            "%.3f (%.3f to %.3f)",
                            interval.median(),
                            interval.low(),
                            interval.high());
            verdict = figure.yardstick() ? "yardstick" : row.failed() ? "**FAIL**" : "PASS";
        }
        return "| %s | %s | %s | %s | %s | %s | %s |%n"
                .formatted(
                        figure.what(),
                        figure.level(),
                        figure.unit().format(row.medianBefore()),
                        figure.unit().format(row.medianAfter()),
                        ratio,
                        verdict,
                        figure.goalBeside(row.medianAfter()));
    }
}
