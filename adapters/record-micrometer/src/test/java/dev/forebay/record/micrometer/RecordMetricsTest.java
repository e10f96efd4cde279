package dev.forebay.record.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.record.Batch;
import dev.forebay.record.RecordBuffer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The meters say what the ledger says. */
class RecordMetricsTest {
    @Test
    void theMetersSayWhatTheLedgerSays() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        RecordMetrics metrics = new RecordMetrics(registry, "orders");
        try (RecordBuffer<String> buffer =
                RecordBuffer.<String>of(Trigger.atLeast(2)).listener(metrics).open()) {
            metrics.watch(buffer);
            buffer.addAll(List.of("a", "b"));
            buffer.add("c");
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            assertThat(registry.get("forebay.record.held").gauge().value()).isEqualTo(1);
            assertThat(registry.get("forebay.record.in.flight").gauge().value()).isEqualTo(2);
            buffer.commit(batch);
            buffer.reset();
            assertThat(counter(registry, "accepted")).isEqualTo(3);
            assertThat(counter(registry, "committed")).isEqualTo(2);
            assertThat(
                            registry.get("forebay.record.released")
                                    .tag("cause", "count")
                                    .counter()
                                    .count())
                    .isEqualTo(2);
            assertThat(counter(registry, "dropped")).isEqualTo(1);
        }
    }

    private static double counter(SimpleMeterRegistry registry, String name) {
        return registry.get("forebay.record." + name).counter().count();
    }
}
