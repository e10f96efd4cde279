package dev.forebay.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Unit;
import org.junit.jupiter.api.Test;

class PairsTest {
    @Test
    void rowFailsWhenWholeIntervalLiesBelowLimit() {
        assertThat(pairs(Unit.RECORDS_PER_SECOND, 0.96).failed()).isTrue();
        assertThat(pairs(Unit.RECORDS_PER_SECOND, 0.98).failed()).isFalse();
    }

    @Test
    void rowPassesWhenIntervalReachesLimit() {
        Pairs pairs = new Pairs();
        for (int i = 0; i < 10; i++) {
            add(pairs, Unit.RECORDS_PER_SECOND, i < 8 ? 0.9 : 1);
        }

        assertThat(pairs.ratio().high()).isEqualTo(1);
        assertThat(pairs.failed()).isFalse();
    }

    @Test
    void ratioOfTimesIsAboveOneWhenTimesShrink() {
        Pairs pairs = pairs(Unit.MILLISECONDS, 0.5);

        assertThat(pairs.ratio().median()).isEqualTo(2);
        assertThat(pairs(Unit.MILLISECONDS, 2).failed()).isTrue();
    }

    @Test
    void ratioIsTakenWithinPair() {
        Pairs pairs = new Pairs();
        for (int i = 1; i <= 10; i++) {
            pairs.add(rate(i * 100, false), rate(i * 110, false));
        }

        assertThat(pairs.ratio().low()).isEqualTo(1.1);
        assertThat(pairs.ratio().high()).isEqualTo(1.1);
    }

    @Test
    void rowWithTooFewPairsFails() {
        Pairs pairs = new Pairs();
        pairs.add(rate(100, false), rate(100, false));

        assertThat(pairs.failed()).isTrue();
    }

    @Test
    void yardstickNeverFails() {
        Pairs pairs = new Pairs();
        for (int i = 0; i < 10; i++) {
            pairs.add(rate(100, true), rate(50, true));
        }

        assertThat(pairs.failed()).isFalse();
    }

    private static Pairs pairs(Unit unit, double factor) {
        Pairs pairs = new Pairs();
        for (int i = 0; i < 10; i++) {
            add(pairs, unit, factor);
        }
        return pairs;
    }

    private static void add(Pairs pairs, Unit unit, double factor) {
        pairs.add(
                Figure.ours("work", "–", 100, unit), Figure.ours("work", "–", 100 * factor, unit));
    }

    private static Figure rate(double value, boolean yardstick) {
        return yardstick
                ? Figure.yardstick("work", "–", value, Unit.RECORDS_PER_SECOND)
                : Figure.ours("work", "–", value, Unit.RECORDS_PER_SECOND);
    }
}
