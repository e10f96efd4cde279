package dev.forebay.record.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.record.Codec;
import dev.forebay.record.DropReason;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.RecordBufferBuilder;
import dev.forebay.record.RecordListener;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            assertThat(
                            registry.get("forebay.record.dropped")
                                    .tag("reason", "reset")
                                    .counter()
                                    .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void countersExistBeforeTheirFirstEvent() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new RecordMetrics(registry, "orders");
        for (String name :
                List.of("accepted", "committed", "redelivered", "rejected", "recovered")) {
            assertThat(counter(registry, name)).as(name).isZero();
        }
        for (Cause cause : Cause.values()) {
            String word = cause.name().toLowerCase(Locale.ROOT);
            assertThat(registry.find("forebay.record.released").tag("cause", word).counter())
                    .as(word)
                    .isNotNull();
        }
        for (DropReason reason : DropReason.values()) {
            String word = reason.name().toLowerCase(Locale.ROOT);
            assertThat(registry.find("forebay.record.dropped").tag("reason", word).counter())
                    .as(word)
                    .isNotNull();
        }
    }

    @Test
    void syncsAndTheReopeningAreMeters(@TempDir Path parent) throws Exception {
        Path directory = parent.resolve("buffer");
        try (RecordBuffer<String> buffer = open(directory, null)) {
            buffer.add("a");
        }
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        RecordMetrics metrics = new RecordMetrics(registry, "orders");
        try (RecordBuffer<String> buffer = open(directory, metrics)) {
            metrics.watch(buffer);
            buffer.addAll(List.of("b", "c"));
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            assertThat(gauge(registry, "oldest.release.seconds")).isPositive();
            assertThat(gauge(registry, "stuck")).isEqualTo(1);
            buffer.commit(batch);
            assertThat(gauge(registry, "stuck")).isEqualTo(0);
            assertThat(counter(registry, "recovered")).isEqualTo(1);
            Timer syncs = registry.get("forebay.record.sync").tag("buffer", "orders").timer();
            // The trimmer may sync beside these, at a moment of its own.
            assertThat(syncs.count()).as("the add and the commit").isGreaterThanOrEqualTo(2);
            long counted = buffer.gauges().syncs().count();
            assertThat(counted).isGreaterThanOrEqualTo(2);
            assertThat(gauge(registry, "recovery.seconds")).isPositive();
            assertThat(gauge(registry, "recovery.scanned.bytes")).isPositive();
            assertThat(gauge(registry, "recovery.torn")).isEqualTo(0);
            assertThat(gauge(registry, "recovery.torn.frames")).isEqualTo(0);
        }
    }

    private static RecordBuffer<String> open(Path directory, @Nullable RecordListener listener) {
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.atLeast(3))
                        .journal(directory)
                        .codec(Codec.strings())
                        .stuckAfter(Duration.ofNanos(1));
        return (listener == null ? builder : builder.listener(listener)).open();
    }

    private static double gauge(SimpleMeterRegistry registry, String name) {
        return registry.get("forebay.record." + name).gauge().value();
    }

    private static double counter(SimpleMeterRegistry registry, String name) {
        return registry.get("forebay.record." + name).counter().count();
    }
}
