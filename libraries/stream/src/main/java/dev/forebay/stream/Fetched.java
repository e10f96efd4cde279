package dev.forebay.stream;

import java.nio.ByteBuffer;
import java.util.List;

/** A checked body with its claim; closing it gives both back. For one thread at a time. */
final class Fetched implements AutoCloseable {
    private final Body body;
    private final Runnable release;

    Fetched(Body body, Runnable release) {
        this.body = body;
        this.release = release;
    }

    List<ByteBuffer> pieces() {
        return body.pieces();
    }

    @Override
    public void close() {
        body.give();
        release.run();
    }
}
