package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PatienceTest {
    private static final Duration BRIEF = Duration.ofMillis(1);

    private final CompletableFuture<String> answer = new CompletableFuture<>();

    @Test
    void aBodyThatGoesOnIsGivenAllTheTimeItNeeds() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        String came =
                Patience.await(
                        answer,
                        () -> {
                            if (looks.incrementAndGet() == 50) {
                                answer.complete("at last");
                            }
                            return looks.get();
                        },
                        BRIEF);
        assertThat(came).isEqualTo("at last");
    }

    @Test
    void aRequestThatStandsStillIsGivenUpAndCancelled() {
        AtomicInteger looks = new AtomicInteger();
        assertThatThrownBy(() ->
                        Patience.await(answer, () -> Math.min(3, looks.incrementAndGet()), BRIEF))
                .isInstanceOf(HttpTimeoutException.class)
                .hasMessage("request stood still for 1 ms");
        assertThat(looks).hasValue(4);
        assertThat(answer).isCancelled();
    }

    @Test
    void anInterruptCancelsTheRequest() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Patience.await(answer, () -> 0, Duration.ofDays(1)))
                .isInstanceOf(InterruptedException.class);
        assertThat(answer).isCancelled();
    }

    @Test
    void aFailureIsThrownAsItIs() {
        IOException failure = new IOException("no route");
        answer.completeExceptionally(failure);
        assertThatThrownBy(() -> Patience.await(answer, () -> 0, Duration.ofDays(1)))
                .isSameAs(failure);
    }
}
