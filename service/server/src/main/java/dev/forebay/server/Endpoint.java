package dev.forebay.server;

import java.io.IOException;

/**
 * Answers the requests of one route, on a virtual thread of the request's own, so it may block.
 * What it throws is rendered by its face; an {@link IOException} means that the client left or sent
 * a broken body.
 */
@FunctionalInterface
interface Endpoint {
    void answer(Exchange exchange) throws IOException;
}
