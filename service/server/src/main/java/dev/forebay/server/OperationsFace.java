package dev.forebay.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What an operator and a program ask a server about itself: its figures, and the description of its
 * interface. Without an API version; on loopback only, as the control plane.
 */
final class OperationsFace implements Face {
    /** The document, beside the classes. */
    static final String DOCUMENT = "openapi.yaml";

    private final Metrics metrics;

    OperationsFace(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.unversioned("GET", "/metrics", this::metrics),
                Route.unversioned("GET", "/" + DOCUMENT, OperationsFace::document));
    }

    private void metrics(Exchange exchange) throws IOException {
        exchange.sendBytes(
                200, MetricsText.TYPE, metrics.text().toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void document(Exchange exchange) throws IOException {
        try (InputStream in = OperationsFace.class.getResourceAsStream(DOCUMENT)) {
            if (in == null) {
                throw new IllegalStateException("%s is not in the jar".formatted(DOCUMENT));
            }
            exchange.sendBytes(200, "application/yaml", in.readAllBytes());
        }
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
