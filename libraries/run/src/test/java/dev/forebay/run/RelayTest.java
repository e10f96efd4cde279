package dev.forebay.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class RelayTest {
    private final ManualClock clock = new ManualClock();
    private final Relay relay = new Relay(Direction.OUTPUT, clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        relay.settle(false);
        threads.close();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private String next() throws InterruptedException {
        ByteBuffer piece = relay.next();
        return piece == null ? "the end" : UTF_8.decode(piece.duplicate()).toString();
    }

    @Test
    void bytesAreHandedOverInOrderAndTheEndIsTheSenders() throws Exception {
        Future<?> sender =
                threads.submit(() -> {
                    relay.send(bytes("one"));
                    relay.send(bytes("two"));
                    relay.end();
                    return 0;
                });
        assertThat(next()).isEqualTo("one");
        assertThat(next()).isEqualTo("two");
        assertThat(next()).isEqualTo("the end");
        sender.get(60, TimeUnit.SECONDS);
    }

    @Test
    void sendReturnsOnceTheReceiverIsDoneWithTheBytes() throws Exception {
        Future<Boolean> sender = threads.submit(() -> relay.send(bytes("one")));
        assertThat(next()).isEqualTo("one");
        assertThat(sender.isDone()).isFalse();
        relay.end();
        assertThat(next()).isEqualTo("the end");
        assertThat(sender.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void failureOfOneSideIsThatOfTheOtherAndNoEnd() {
        relay.fail("it broke");
        relay.end();
        relay.settle(true);
        assertThatThrownBy(relay::next).isInstanceOf(RelayException.class).hasMessage("it broke");
        assertThatThrownBy(() -> relay.send(bytes("one"))).hasMessage("it broke");
        assertThatThrownBy(relay::awaitReceiver).hasMessage("it broke");
    }

    @Test
    void runThatDidNotSucceedFailsBothSides() {
        relay.settle(false);
        relay.settle(true);
        assertThatThrownBy(relay::next).hasMessage("the run has not succeeded");
        assertThatThrownBy(() -> relay.send(bytes("one"))).hasMessage("the run has not succeeded");
    }

    @Test
    void bytesAreDroppedOnceTheReceiverHasLeft() throws Exception {
        relay.leave();
        assertThat(relay.send(bytes("one"))).isFalse();
        relay.end();
        relay.settle(true);
        assertThat(relay.awaitSettled()).isTrue();
    }

    @Test
    void eachSideIsThereOnce() {
        assertThat(relay.claimSending()).isTrue();
        assertThat(relay.claimSending()).isFalse();
        assertThat(relay.claimReceiving()).isTrue();
        assertThat(relay.claimReceiving()).isFalse();
    }

    @Test
    void receiverIsNotWaitedForLongAfterTheEndOfTheProgram() {
        relay.hurry();
        clock.advance(Relay.PATIENCE.plusSeconds(1));
        Future<?> waiting =
                threads.submit(() -> {
                    relay.awaitReceiver();
                    return 0;
                });
        // A wait that began behind the advance has its own minute.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!waiting.isDone() && deadline - System.nanoTime() > 0) {
            clock.advance(Relay.PATIENCE);
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> waiting.get(0, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("no client took it within 60 s");
    }
}
