package dev.forebay.record.micrometer;

import dev.forebay.record.DropReason;
import dev.forebay.record.Gauges;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.RecordListener;
import dev.forebay.record.Reopening;
import dev.forebay.record.outlet.Cause;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Counts what a buffer does in a registry, under {@code forebay.record.*} with the tag {@code
 * buffer}: give it to the builder as a listener, then {@link #watch} the open buffer. Every counter
 * exists from the beginning, at zero.
 *
 * <p>Safe for use by many threads. Never blocks.
 */
public final class RecordMetrics implements RecordListener {
    private static final String PREFIX = "forebay.record.";

    private final MeterRegistry registry;
    private final Tags tags;
    private final Timer syncs;

    /**
     * Registers the meters, all of nothing yet.
     *
     * @param registry takes them
     * @param buffer the value of their tag {@code buffer}
     */
    public RecordMetrics(MeterRegistry registry, String buffer) {
        this.registry = registry;
        this.tags = Tags.of("buffer", buffer);
        syncs =
                Timer.builder(PREFIX + "sync")
                        .description("How long calls waited for a sync of the journal")
                        .publishPercentileHistogram()
                        .tags(tags)
                        .register(registry);
        for (String name :
                List.of("accepted", "committed", "redelivered", "rejected", "recovered")) {
            count(name, Tags.empty(), 0);
        }
        for (Cause cause : Cause.values()) {
            count("released", Tags.of("cause", lower(cause)), 0);
        }
        for (DropReason reason : DropReason.values()) {
            count("dropped", Tags.of("reason", lower(reason)), 0);
        }
    }

    /**
     * Registers the gauges of {@code buffer}; the registry holds it weakly.
     *
     * @param <T> what a record is
     * @param buffer the one whose listener this is
     */
    public <T> void watch(RecordBuffer<T> buffer) {
        gauge(buffer, "held", g -> g.held());
        gauge(buffer, "held.bytes", g -> g.heldBytes());
        gauge(buffer, "waiting", g -> g.released());
        gauge(buffer, "in.flight", g -> g.inFlight());
        gauge(buffer, "oldest.age.seconds", g -> g.oldestAge().toNanos() / 1e9);
        gauge(buffer, "oldest.release.seconds", g -> g.oldestRelease().toNanos() / 1e9);
        gauge(buffer, "stuck", g -> g.stuck() ? 1 : 0);
        gauge(buffer, "dead.letters", g -> g.deadLetters());
        gauge(buffer, "predicate.failures", g -> g.predicateFailures());
        gauge(buffer, "listener.failures", g -> g.listenerFailures());
        gauge(buffer, "can.release", g -> g.canRelease() ? 1 : 0);
        buffer.reopening().ifPresent(this::reopened);
    }

    /** What does not change any more is a gauge all the same, so that it can be alerted on. */
    private void reopened(Reopening found) {
        fixed("recovery.seconds", found.took().toNanos() / 1e9);
        fixed("recovery.scanned.bytes", (double) found.scannedBytes());
        fixed("recovery.torn", found.torn() ? 1 : 0);
        fixed("recovery.torn.frames", (double) found.tornFrames());
        fixed("recovery.lost.frames", (double) found.lostFrames());
    }

    private void fixed(String name, double value) {
        Gauge.builder(PREFIX + name, () -> value).tags(tags).register(registry);
    }

    private <T> void gauge(RecordBuffer<T> buffer, String name, ToDoubleFunction<Gauges> value) {
        Gauge.builder(PREFIX + name, buffer, b -> value.applyAsDouble(b.gauges()))
                .tags(tags)
                .register(registry);
    }

    private void count(String name, Tags more, double amount) {
        registry.counter(PREFIX + name, tags.and(more)).increment(amount);
    }

    @Override
    public void accepted(long count, long bytes) {
        count("accepted", Tags.empty(), (double) count);
    }

    @Override
    public void released(Facts batch) {
        count("released", Tags.of("cause", lower(batch.cause())), size(batch));
    }

    @Override
    public void committed(Facts batch) {
        count("committed", Tags.empty(), size(batch));
    }

    @Override
    public void failed(Facts batch, String reason) {
        count("redelivered", Tags.empty(), size(batch));
    }

    @Override
    public void dropped(DropReason reason, long count) {
        count("dropped", Tags.of("reason", lower(reason)), (double) count);
    }

    @Override
    public void rejected() {
        count("rejected", Tags.empty(), 1);
    }

    @Override
    public void synced(Duration wait) {
        syncs.record(wait);
    }

    @Override
    public void recovered(long records, long batches) {
        count("recovered", Tags.empty(), (double) records);
    }

    private static double size(Facts batch) {
        return (double) (batch.last() - batch.first() + 1);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
