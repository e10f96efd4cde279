package dev.forebay.record;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls at random, by seeds that a failure names. */
@Timeout(600)
class RandomTest {
    private static final int SEEDS = Integer.getInteger("forebay.record.seeds", 150);

    @Test
    void randomActionsAgreeWithAModel() throws Exception {
        for (long seed : LongStream.range(0, SEEDS).toArray()) {
            new RandomActions(seed, true).run();
            new RandomActions(seed, false).run();
        }
    }

    @Test
    void ledgerBalancesHoweverTheBufferOverflowsAndWhenItIsClosed() throws Exception {
        for (long seed : LongStream.range(0, SEEDS / 8).toArray()) {
            for (WhenFull choice :
                    List.of(
                            WhenFull.reject(),
                            WhenFull.block(Duration.ofMillis(1 + seed % 3)),
                            WhenFull.dropOldest(),
                            WhenFull.dropNewest(),
                            WhenFull.spill())) {
                new RandomThreads(seed, choice, true).run();
                if (!(choice instanceof WhenFull.Spill)) {
                    new RandomThreads(seed, choice, false).run();
                }
            }
        }
    }
}
