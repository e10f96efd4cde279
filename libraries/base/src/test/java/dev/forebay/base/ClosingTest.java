package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ClosingTest {
    @Test
    void closingRunsEveryStepAndThrowsTheFirstFailure() {
        StringBuilder order = new StringBuilder();
        Closing all = new Closing();
        all.then(() -> order.append(Thread.currentThread().isInterrupted() ? "!" : ""));
        all.then(() -> fail(order, "a", new IOException("a")));
        all.then(() -> fail(order, "b", new OutOfMemoryError("b")));
        all.then(() -> order.append("c"));
        Thread.currentThread().interrupt();
        all.then(() -> order.append(Thread.currentThread().isInterrupted() ? "!" : "d"));
        assertThatThrownBy(all::close)
                .isInstanceOf(IOException.class)
                .hasMessage("a")
                .satisfies(e ->
                        assertThat(e.getSuppressed())
                                .extracting(Throwable::getMessage)
                                .containsExactly("b"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(order).hasToString("abcd");
    }

    private static void fail(StringBuilder order, String name, Throwable failure)
            throws IOException {
        order.append(name);
        switch (failure) {
            case IOException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(failure);
        }
    }
}
