package dev.forebay.stream;

import dev.forebay.blob.OpenBlob;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A checked body with its claim; closing it gives both back. For one thread at a time. */
final class Fetched implements AutoCloseable {
    private final Body body;
    private final Runnable release;
    private final Optional<Duration> held;

    /**
     * @param held as {@link OpenBlob#held} says
     */
    Fetched(Body body, Runnable release, Optional<Duration> held) {
        this.body = body;
        this.release = release;
        this.held = held;
    }

    Optional<Duration> held() {
        return held;
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
