package dev.forebay.server;

import dev.forebay.base.Closing;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a server has opened so far, closed in the opposite order: all of it, whatever fails. A
 * second close does nothing. For one thread at a time.
 */
final class Opened implements AutoCloseable {
    private final Deque<Closing.Step> stack = new ArrayDeque<>();

    /** Adds {@code resource}, which {@code close} closes. */
    <T> T add(T resource, Closing.Step close) {
        stack.push(close);
        return resource;
    }

    @Override
    public void close() throws IOException {
        try (Closing all = new Closing()) {
            while (!stack.isEmpty()) {
                all.then(stack.pop());
            }
        }
    }
}
