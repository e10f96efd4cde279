package dev.forebay.server;

import java.util.List;

/**
 * One part of what a server offers, such as the control plane: its routes, its errors and its
 * settings. The {@link Front} checks host, origin, framing, route and version before a face sees a
 * request. Used by many threads.
 */
interface Face extends AutoCloseable {
    /** The routes of this face, in the order in which they are tried. */
    List<Route> routes();

    /** True if errors of requests to {@code path} that have no route take this face's form. */
    boolean owns(String path);

    /** Returns the answer to a request that ended with {@code fault}. Never blocks. */
    ErrorAnswer render(Throwable fault);

    /** Ends requests that wait, and refuses to let others wait. Never blocks. */
    @Override
    void close();
}
