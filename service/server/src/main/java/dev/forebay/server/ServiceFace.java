package dev.forebay.server;

import dev.forebay.run.Capabilities;
import dev.forebay.wire.control.ExecutorBody;
import dev.forebay.wire.control.ServiceMetadata;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a server says of itself, without an API version: its health and its metadata. */
final class ServiceFace implements Face {
    private final Health health;
    private final Optional<Capabilities> executor;

    /**
     * @param executor what it can do; empty without one
     */
    ServiceFace(Health health, Optional<Capabilities> executor) {
        this.health = health;
        this.executor = executor;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.unversioned("GET", "/healthcheck", this::health),
                Route.unversioned("HEAD", "/healthcheck", this::health),
                Route.unversioned("GET", "/healthz", this::health),
                Route.unversioned("HEAD", "/healthz", this::health),
                Route.unversioned("GET", "/", ServiceFace::greet),
                Route.unversioned("GET", "/metadata", this::metadata));
    }

    private void health(Exchange exchange) throws IOException {
        Optional<String> fault = health.fault();
        exchange.sendText(fault.isEmpty() ? 200 : 503, fault.orElse("Healthy"));
    }

    /** For a person who opens the address in a browser. */
    private static void greet(Exchange exchange) throws IOException {
        String server = exchange.baseUri().toString().replaceAll("/$", "");
        exchange.with("X-Content-Type-Options", "nosniff")
                .sendText(
                        200,
                        """
                        This is a server of Forebay: durable, write-once buffers over HTTP.

                        forebay login %1$s      use it from the command line
                        forebay buffer --help   what can be done with buffers
                        %1$s/healthz            whether it is healthy
                        %1$s/metadata           what it can do, as JSON

                        %1$s/openapi.yaml       its HTTP interface
                        %1$s/metrics            its figures, for Prometheus
                        """
                                .formatted(server));
    }

    private static ExecutorBody body(Capabilities of) {
        Map<String, Boolean> features = new LinkedHashMap<>();
        features.put("images", of.images());
        features.put("sockets", of.sockets());
        features.put("workers", of.workers());
        features.put("memoryLimits", of.memoryLimits());
        features.put("processorLimits", of.processorLimits());
        features.put("gpus", of.gpus());
        features.put("outlivesServer", of.outlivesServer());
        features.values().removeIf(can -> !can);
        return new ExecutorBody(of.executor(), of.isolation(), List.copyOf(features.keySet()));
    }

    private void metadata(Exchange exchange) throws IOException {
        exchange.sendJson(
                200,
                new ServiceMetadata(
                        null,
                        null,
                        false,
                        executor.isPresent()
                                ? List.of("LocalBuffers", "EphemeralBuffers")
                                : List.of("LocalBuffers"),
                        ApiVersion.SUPPORTED,
                        List.of(exchange.baseUri().toString()),
                        executor.map(ServiceFace::body).orElse(null)));
    }

    @Override
    public boolean owns(String path) {
        return false;
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return JsonErrors.of(fault);
    }

    @Override
    public void close() {
        // Nothing waits here.
    }
}
