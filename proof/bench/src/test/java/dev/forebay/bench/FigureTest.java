package dev.forebay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FigureTest {
    @Test
    void lineGivesFigureBack() {
        Figure yardstick = Figure.yardstick("`cat FILE | cat`", "–", 2, Unit.BYTES_PER_SECOND);
        Figure figure =
                Figure.ours("read", "SYNCED", 1.5, Unit.BYTES_PER_SECOND).beside(yardstick).goal(1);

        assertThat(Figure.parse(figure.toLine())).containsExactly(figure);
        assertThat(Figure.parse(yardstick.toLine())).containsExactly(yardstick);
    }

    @Test
    void otherLineGivesNothing() {
        assertThat(Figure.parse("WARNING: the disk is slow")).isEmpty();
    }

    @Test
    void goalFollowsDirectionOfUnit() {
        Figure rate = Figure.ours("rate", "–", 0, Unit.RECORDS_PER_SECOND).goal(10e6);
        Figure time = Figure.ours("time", "–", 0, Unit.MILLISECONDS).goal(20);

        assertThat(rate.goalBeside(11e6)).isEqualTo("≥ 10.00 M records/s, met");
        assertThat(rate.goalBeside(9e6)).isEqualTo("≥ 10.00 M records/s, missed");
        assertThat(time.goalBeside(19)).isEqualTo("≤ 20 ms, met");
        assertThat(time.goalBeside(21)).isEqualTo("≤ 20 ms, missed");
    }

    @Test
    void valueThatIsNoNumberIsRefused() {
        assertThatThrownBy(() -> Figure.ours("x", "–", Double.NaN, Unit.MILLISECONDS))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
