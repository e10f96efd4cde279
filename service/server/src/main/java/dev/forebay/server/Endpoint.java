package dev.forebay.server;

import java.io.IOException;

/**
 * Answers the requests of one route, on a virtual thread of the request's own, so it may block. A
 * {@link Refusal} thrown becomes the answer.
 */
public interface Endpoint {
    void answer(Exchange exchange) throws IOException;
}
