package dev.forebay.server;

import java.util.Optional;

/** What is behind one listener. Immutable. */
record Entrance(Listener listener, Router router) {
    Entrance(Listener listener) {
        this(listener, new Router(listener.faces()));
    }

    /** True if requests to {@code path} may name any host. */
    boolean takesAnyHost(String path) {
        return owner(path).filter(Face::takesAnyHost).isPresent();
    }

    /** Renders an error of a request to {@code path} that has no route. */
    ErrorAnswer render(String path, Throwable fault) {
        return owner(path).map(face -> face.render(fault)).orElseGet(() -> JsonErrors.of(fault));
    }

    private Optional<Face> owner(String path) {
        return listener.faces().stream().filter(face -> face.owns(path)).findFirst();
    }
}
