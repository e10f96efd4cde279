package dev.forebay.run;

import dev.forebay.blob.Container;
import dev.forebay.stream.WriteOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one run: those in containers, and a {@link Relay} for each that is ephemeral.
 *
 * <p>Which is which does not change, so that no lock is needed; a relay is safe for many threads.
 */
final class RunBuffers {
    private final RunOrder order;
    private final Function<String, Container> containers;
    private final WriteOptions writing;
    private final Map<String, Relay> relays = new HashMap<>();

    RunBuffers(RunOrder order, Function<String, Container> containers, HostSettings settings) {
        this.order = order;
        this.containers = containers;
        this.writing = settings.transfers().writing();
        for (Parameter parameter : order.program().parameters()) {
            if (RelayId.parse(id(parameter)).isPresent()) {
                relays.put(parameter.name(), new Relay(parameter.direction(), settings.clock()));
            }
        }
    }

    private String id(Parameter parameter) {
        return Objects.requireNonNull(order.buffers().get(parameter.name()));
    }

    private List<Parameter> stored() {
        return order.program().parameters().stream()
                .filter(Predicate.not(parameter -> relays.containsKey(parameter.name())))
                .toList();
    }

    private Container container(Parameter parameter) {
        return containers.apply(id(parameter));
    }

    /** The container of each stored one, by the name of its parameter. */
    Map<String, Container> containers() {
        Map<String, Container> opened = new HashMap<>();
        stored().forEach(parameter -> opened.put(parameter.name(), container(parameter)));
        return opened;
    }

    /** That of each ephemeral one, by the name of its parameter. */
    Map<String, Relay> relays() {
        return Map.copyOf(relays);
    }

    /** That of an ephemeral buffer; null if the run has no such buffer. */
    @Nullable Relay relay(String buffer) {
        return order.buffers().entrySet().stream()
                .filter(argument -> argument.getValue().equals(buffer))
                .map(argument -> relays.get(argument.getKey()))
                .findFirst()
                .orElse(null);
    }

    /** The run has ended: so do the transfers of its ephemeral buffers. */
    void settle(boolean succeeded) {
        relays.values().forEach(relay -> relay.settle(succeeded));
    }

    /** The program has not succeeded: its ephemeral buffers wait for no client. */
    void abandon(boolean atOnce) {
        relays.values().forEach(relay -> relay.abandon(atOnce));
    }

    /** As {@link Outputs#failUnbegun}; the reason of the outcome says what could not be marked. */
    Outcome failUnbegun(Outcome outcome) {
        return withUnmarked(outcome, Outputs.failUnbegun(stored(), this::container, writing));
    }

    /** As {@link Outputs#failAbandoned}; the reason says what could not be marked. */
    Outcome failAbandoned(Outcome outcome) {
        return withUnmarked(outcome, Outputs.failAbandoned(stored(), this::container, writing));
    }

    private static Outcome withUnmarked(Outcome outcome, Optional<TransferFailure> unmarked) {
        return unmarked.map(failure ->
                        new Outcome(
                                outcome.status(),
                                Optional.of(
                                        "%s; output %s could not be marked failed: %s"
                                                .formatted(
                                                        outcome.reason().orElse(""),
                                                        failure.parameter().name(),
                                                        failure.reason()))))
                .orElse(outcome);
    }
}
