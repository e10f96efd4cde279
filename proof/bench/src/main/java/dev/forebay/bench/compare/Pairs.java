package dev.forebay.bench.compare;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import java.util.ArrayList;
import java.util.List;

/** The figures of one row on both sides, pair by pair. Not safe for use by several threads. */
final class Pairs {
    /** A row fails if its whole interval lies below this. */
    static final double WORST = 0.97;

    private final List<Figure> before = new ArrayList<>();
    private final List<Figure> after = new ArrayList<>();

    void add(Figure first, Figure second) {
        before.add(first);
        after.add(second);
    }

    int count() {
        return after.size();
    }

    /** The row as the newer build reported it last. */
    Figure row() {
        return after.getLast();
    }

    double medianBefore() {
        return Medians.of(before.stream().map(Figure::value).toList());
    }

    double medianAfter() {
        return Medians.of(after.stream().map(Figure::value).toList());
    }

    /** Above 1 where the newer build is better, whatever the unit. */
    Interval ratio() {
        double[] ratios = new double[count()];
        for (int i = 0; i < ratios.length; i++) {
            double old = before.get(i).value();
            double now = after.get(i).value();
            if (old == now) {
                ratios[i] = 1;
            } else {
                ratios[i] = row().unit().moreIsBetter() ? now / old : old / now;
            }
        }
        return Interval.of(ratios);
    }

    /** A row with too few pairs for an interval has failed. */
    boolean failed() {
        return !row().yardstick() && (count() < Interval.FEWEST_PAIRS || ratio().high() < WORST);
    }
}
