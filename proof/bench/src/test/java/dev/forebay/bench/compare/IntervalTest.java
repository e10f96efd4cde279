package dev.forebay.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class IntervalTest {
    @Test
    void tenRatiosGiveSecondSmallestToSecondLargest() {
        Interval interval = Interval.of(10, 1, 9, 2, 8, 3, 7, 4, 6, 5);

        assertThat(interval.low()).isEqualTo(2);
        assertThat(interval.median()).isEqualTo(5.5);
        assertThat(interval.high()).isEqualTo(9);
        assertThat(interval.coverage()).isEqualTo(1 - 22.0 / 1024, within(1e-12));
    }

    @Test
    void twentyRatiosGiveSixthSmallestToSixthLargest() {
        double[] ratios = new double[20];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = i + 1;
        }

        Interval interval = Interval.of(ratios);

        assertThat(interval.low()).isEqualTo(6);
        assertThat(interval.high()).isEqualTo(15);
        assertThat(interval.coverage()).isEqualTo(0.9586, within(1e-4));
    }

    @Test
    void fewerThanSixRatiosAreRefused() {
        assertThatThrownBy(() -> Interval.of(1, 1, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 5");
    }

    @Test
    void intervalCoversTrueMedianAsOftenAsItSays() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        int covered = 0;
        int trials = 20_000;
        for (int trial = 0; trial < trials; trial++) {
            double[] ratios = new double[10];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = Math.exp(random.nextGaussian());
            }
            Interval interval = Interval.of(ratios);
            if (interval.low() <= 1 && 1 <= interval.high()) {
                covered++;
            }
        }

        assertThat((double) covered / trials).isEqualTo(0.9785, within(0.005));
    }
}
