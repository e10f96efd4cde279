package dev.forebay.server;

/** What is behind one listener. Immutable. */
record Entrance(Listener listener, Router router) {
    Entrance(Listener listener) {
        this(listener, new Router(listener.faces()));
    }

    /** Renders an error of a request to {@code path} that has no route. */
    ErrorAnswer render(String path, Throwable fault) {
        return listener.faces().stream()
                .filter(face -> face.owns(path))
                .findFirst()
                .map(face -> face.render(fault))
                .orElseGet(() -> JsonErrors.of(fault));
    }
}
