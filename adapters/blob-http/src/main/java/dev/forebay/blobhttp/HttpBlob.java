package dev.forebay.blobhttp;

import dev.forebay.base.ForebayException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.OpenBlob;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer on its way in: from the socket into the caller's buffers. It is given up
 * when too little comes for too long; the time that the target takes does not count. For one
 * thread.
 */
final class HttpBlob implements OpenBlob {
    /** What has to come in the time for progress: a byte now and then is none. */
    private static final int LEAST = 64 * 1024;

    private static final int PIECE = 64 * 1024;

    private final BlobInfo info;
    private final Optional<Duration> held;
    private final HttpBody body;
    private final Duration progress;
    private boolean used;
    private long received;

    /** Bytes that came in the period, and the time in nanoseconds that was waited in it. */
    private long recent;

    private long waited;

    HttpBlob(BlobInfo info, Optional<Duration> held, HttpBody body, Duration progress) {
        this.info = info;
        this.held = held;
        this.body = body;
        this.progress = progress;
    }

    @Override
    public BlobInfo info() {
        return info;
    }

    @Override
    public Optional<Duration> held() {
        return held;
    }

    @Override
    public void transferTo(WritableByteChannel target) {
        begin();
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(1, info.size())));
        while (received < info.size()) {
            read(piece.clear());
            piece.flip();
            take(() -> {
                while (piece.hasRemaining()) {
                    target.write(piece);
                }
            });
        }
    }

    @Override
    public void readInto(Room room) {
        begin();
        ByteBuffer target = ByteBuffer.allocate(0);
        while (received < info.size()) {
            if (!target.hasRemaining()) {
                awaitByte();
                target = next(room);
            }
            read(target);
        }
    }

    private ByteBuffer next(Room room) {
        ByteBuffer[] next = new ByteBuffer[1];
        take(() -> next[0] = room.next());
        if (!next[0].hasRemaining()) {
            give();
            throw new BufferOverflowException();
        }
        return next[0];
    }

    private void begin() {
        if (used) {
            throw new IllegalStateException("the body of " + info.name() + " was read already");
        }
        used = true;
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Has the target do its part; what it throws ends the body. */
    private void take(Step step) {
        boolean done = false;
        try {
            step.run();
            done = true;
        } catch (ForebayException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "the target of blob %s failed: %s".formatted(info.name(), e.getMessage()),
                    e);
        } finally {
            if (!done) {
                give();
            }
        }
    }

    private void awaitByte() {
        timed(end -> body.await(end, progress) ? 0 : -1);
    }

    private void read(ByteBuffer target) {
        int count = timed(end -> body.read(target, end, progress));
        received += count;
        recent += count;
        if (recent >= LEAST) {
            recent = 0;
            waited = 0;
        }
    }

    private interface Wait {
        int until(long end) throws IOException;
    }

    private int timed(Wait wait) {
        long begin = System.nanoTime();
        boolean done = false;
        try {
            int count = wait.until(begin + progress.toNanos() - waited);
            waited += System.nanoTime() - begin;
            if (count < 0) {
                throw broken("ended early", null);
            }
            done = true;
            return count;
        } catch (HttpTimeoutException e) {
            throw new ContainerException(
                    Fault.TIMED_OUT,
                    "of blob %s only %d bytes came in %d ms, at least %d or the rest are expected; %d of %d bytes came in all"
                            .formatted(
                                    info.name(),
                                    recent,
                                    progress.toMillis(),
                                    LEAST,
                                    received,
                                    info.size()),
                    e);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ContainerException(
                        Fault.CLOSED, "interrupted while reading blob " + info.name(), e);
            }
            throw broken("broke off", e);
        } finally {
            if (!done) {
                give();
            }
        }
    }

    private ContainerException broken(String how, @Nullable Throwable cause) {
        return new ContainerException(
                Fault.BROKEN_BODY,
                "the body of blob %s %s; %d of %d bytes came"
                        .formatted(info.name(), how, received, info.size()),
                cause);
    }

    /** Ends the body and gives its connection back or closes it. */
    private void give() {
        try {
            body.close();
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.UNAVAILABLE, "closing the connection of blob " + info.name(), e);
        }
    }

    @Override
    public void close() {
        used = true;
        give();
    }
}
