package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final int PIECE = MemoryBudget.LARGEST_PIECE;

    private final MemoryBudget budget = MemoryBudget.of(ByteSize.ofMiB(4), "the setting");

    private static void awaitFirst(MemoryBudget budget, long bytes, Duration patience)
            throws InterruptedException {
        budget.awaitFirst("a block", bytes, Clock.system(), patience);
    }

    @Test
    void claimsNeverExceedTheTotal() {
        assertThat(budget.claimFirst(4 << 20)).isTrue();
        assertThat(budget.claimFirst(1)).isFalse();
        budget.release(1);
        assertThat(budget.claimFirst(2)).isFalse();
        assertThat(budget.claimFirst(1)).isTrue();
        assertThat(budget.claimed()).isEqualTo(budget.total());
    }

    @Test
    void aQuarterIsKeptForFirstClaims() {
        assertThat(budget.claim(3 << 20)).isTrue();
        assertThat(budget.claim(1)).isFalse();
        assertThat(budget.claimFirst(1 << 20)).isTrue();
    }

    @Test
    void firstClaimAboveTheTotalIsRefusedAtOnceWithTheNumbers() {
        assertThatThrownBy(() -> awaitFirst(budget, 5 << 20, Duration.ofDays(1)))
                .isInstanceOf(NotEnoughMemoryException.class)
                .hasMessage(
                        "not enough memory for a block: it needs 5 MiB, and 4 MiB is all there is;"
                                + " raise the setting or use smaller blocks");
        assertThat(budget.claimed()).isEqualTo(ByteSize.of(0));
    }

    @Test
    void firstClaimIsRefusedWithTheNumbersWhenItsTimeIsOver() {
        budget.claimFirst(3 << 20);
        assertThatThrownBy(() -> awaitFirst(budget, 2 << 20, Duration.ZERO))
                .isInstanceOf(NotEnoughMemoryException.class)
                .hasMessageContaining("it needs 2 MiB, and of 4 MiB other transfers held 3 MiB");
    }

    @Test
    void releaseWakesAWaitingFirstClaim() throws Exception {
        budget.claimFirst(4 << 20);
        FutureTask<Boolean> waiting =
                new FutureTask<>(() -> {
                    awaitFirst(budget, 1 << 20, Duration.ofDays(1));
                    return true;
                });
        Thread waiter = Thread.startVirtualThread(waiting);
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        budget.release(1 << 20);
        assertThat(waiting.get()).isTrue();
        assertThat(budget.claimed()).isEqualTo(budget.total());
    }

    @Test
    void roomIsThatOfThePieces() {
        for (int bytes : new int[] {0, 1, 4096, 4097, 100_000, PIECE, PIECE + 1, 5 * PIECE - 1}) {
            long room = 0;
            for (int left = bytes; left > 0; left -= Math.min(left, PIECE)) {
                room += budget.piece(left).capacity();
            }
            assertThat(MemoryBudget.roomFor(bytes)).as("%d", bytes).isEqualTo(room);
        }
    }

    @Test
    void piecesAreUsedAgain() {
        ByteBuffer piece = budget.piece(PIECE);
        piece.put((byte) 1);
        budget.give(piece);
        assertThat(budget.piece(PIECE)).isSameAs(piece);
        assertThat(piece.position()).isZero();
    }

    @Test
    void freePiecesOfOtherSizesMakeWay() {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            pieces.add(budget.piece(PIECE));
        }
        assertThatThrownBy(() -> budget.piece(1)).isInstanceOf(IllegalStateException.class);
        pieces.forEach(budget::give);
        assertThat(budget.piece(1).capacity()).isEqualTo(4096);
    }

    @Test
    void releaseOfMoreThanWasClaimedIsRefused() {
        budget.claimFirst(10);
        assertThatThrownBy(() -> budget.release(11)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void processHasLessThanItsDirectMemory() {
        assertThat(MemoryBudget.ofProcess().total().bytes())
                .isPositive()
                .isLessThan(Runtime.getRuntime().maxMemory());
    }
}
