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

    /**
     * True if every request of this face proves a right of its own: a user's token, or a signature.
     * Only such a face is served beyond loopback; the front answers 403 for the others.
     */
    default boolean guarded() {
        return false;
    }

    /**
     * True if requests may name any host, as those of clients that always send the same authority
     * do. Only for a {@link #guarded} face: the rule of hosts keeps web pages away from those that
     * take anybody's requests.
     */
    default boolean takesAnyHost() {
        return false;
    }

    /** Returns the answer to a request that ended with {@code fault}. Never blocks. */
    ErrorAnswer render(Throwable fault);

    /** Ends requests that wait, and refuses to let others wait. Never blocks. */
    @Override
    void close();
}
