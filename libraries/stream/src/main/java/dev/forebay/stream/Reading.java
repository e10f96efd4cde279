package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Printable;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Wait;
import dev.forebay.stream.Fetches.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a buffer: looks for its beginning and its end, checks each blob's place in the
 * chain and releases it.
 *
 * <p>For one thread, which blocks.
 */
final class Reading {
    private final ReadOptions options;
    private final Retry retry;
    private final Fetches fetches;
    private final FetchWindow window;

    private @Nullable EndMarker end;
    private long bytes;
    private String chain = HashChain.START;

    Reading(ReadOptions options, Retry retry, Fetches fetches, FetchWindow window) {
        this.options = options;
        this.retry = retry;
        this.fetches = fetches;
        this.window = window;
    }

    /** Releases the whole buffer into {@code output}. */
    void run(WritableByteChannel output) {
        lookForEnd();
        awaitStart();
        while (true) {
            Answer answer = window.first();
            // The usual answer has no part in the switch, which makes a class when it is first met.
            Answer.Here here = answer instanceof Answer.Here found ? found : afterAll(answer);
            BlobInfo info = here.info();
            try (Fetched body = here.body()) {
                // The digest was checked by the fetch; this is the blob's place in the chain.
                chain = HashChain.after(chain, info);
                if (info.size() == 0) {
                    compareWithEnd();
                    return;
                }
                bytes += info.size();
                // Who waited for the blob gets it before the next one is asked for.
                boolean follows = window.heldBack();
                if (!follows) {
                    window.take(info.size());
                }
                release(body, info.size(), output);
                if (follows) {
                    window.take(info.size());
                }
            }
            window.released();
        }
    }

    ReadResult result() {
        return new ReadResult(bytes, window.next(), chain, retry.counted());
    }

    /** The blob for which another answer came first. */
    private Answer.Here afterAll(Answer answer) {
        return switch (answer) {
            case Answer.Here found -> found;
            case Answer.NoRoom refused -> window.makeRoom(refused);
            case Answer.Missing missing -> await(missing);
            case Answer.Wrong wrong -> throw new IllegalStateException(wrong + " is no answer");
        };
    }

    /**
     * Waits for the next blob, which was not there. With an end marker standing it will never come:
     * the buffer is damaged, unless the blob came right before the marker.
     */
    private Answer.Here await(Answer.Missing first) {
        Answer answer = first;
        boolean said = first.waited();
        boolean waited = said;
        for (long tries = 0; ; tries++) {
            switch (answer) {
                case Answer.Here here -> {
                    return here;
                }
                case Answer.NoRoom refused -> {
                    return window.makeRoom(refused);
                }
                case Answer.Missing _, Answer.Wrong _ -> {}
            }
            if (end == null && (said || tries % 10 == 0 || tries > 100)) {
                lookForEnd();
            }
            if (end != null) {
                return last();
            }
            if (!waited) {
                retry.pause(pauseBefore(tries));
            }
            long asked = options.clock().nanos();
            answer = window.again(FetchWindow.PATIENT);
            // Who says to have waited and answers at once would be asked without a pause.
            said = answer instanceof Answer.Missing(boolean did) && did;
            waited = said && options.clock().nanos() - asked >= FetchWindow.AT_ONCE;
        }
    }

    /** The blob, which came before the end marker or never will. */
    private Answer.Here last() {
        BlobName name = BlobNumber.nameOf(window.next());
        return switch (window.again(Wait.NONE)) {
            case Answer.Here here -> here;
            case Answer.NoRoom refused -> window.makeRoom(refused);
            case Answer.Missing _, Answer.Wrong _ ->
                    throw new DamagedException(
                            "blob %s was expected to exist but does not: blob number %d is missing although the buffer is complete; %d bytes before it were released"
                                    .formatted(name, window.next(), bytes));
        };
    }

    private void awaitStart() {
        Marker marker = fetches.marker(StartMarker.NAME, FetchWindow.PATIENT);
        boolean said = marker.waited();
        boolean waited = said;
        for (long tries = 0; marker.isMissing(); tries++) {
            if (end == null && (said || tries % 10 == 0 || tries > 100)) {
                lookForEnd();
            }
            if (end != null && fetches.marker(StartMarker.NAME, Wait.NONE).isMissing()) {
                throw new DamagedException(
                        "blob %s was expected to exist but does not: %s is there"
                                .formatted(StartMarker.NAME, EndMarker.NAME));
            }
            if (!waited && end == null) {
                retry.pause(pauseBefore(tries));
            }
            long asked = options.clock().nanos();
            marker =
                    fetches.marker(StartMarker.NAME, end == null ? FetchWindow.PATIENT : Wait.NONE);
            said = marker.waited();
            waited = said && options.clock().nanos() - asked >= FetchWindow.AT_ONCE;
        }
        StartMarker.parse(marker.text());
    }

    /** How long the reference waits before it asks again, by the number of tries. */
    static Duration pauseBefore(long tries) {
        return tries < 10
                ? Duration.ofMillis(100)
                : tries < 100
                        ? Duration.ofMillis(500)
                        : tries < 1000 ? Duration.ofSeconds(1) : Duration.ofSeconds(5);
    }

    private void lookForEnd() {
        Marker marker = fetches.marker(EndMarker.NAME, Wait.NONE);
        if (marker.isMissing()) {
            return;
        }
        EndMarker found = EndMarker.parse(marker.text());
        if (found.failed()) {
            throw new BufferFailedException();
        }
        if (!found.known()) {
            options.listener()
                    .warning(
                            "%s has an unknown status '%s', taken for complete"
                                    .formatted(EndMarker.NAME, Printable.of(found.status())));
        }
        end = found;
        window.end(found);
    }

    private void release(Fetched body, long size, WritableByteChannel output) {
        try {
            for (ByteBuffer piece : body.pieces()) {
                while (piece.hasRemaining()) {
                    output.write(piece);
                }
            }
        } catch (ClosedByInterruptException e) {
            throw new TransferInterruptedException("writing to the output", e);
        } catch (IOException e) {
            throw new BufferException("the output failed: " + e.getMessage(), e);
        }
        options.listener().moved(size);
    }

    /** At the empty blob: the end marker may not be there yet, but what it says has to hold. */
    private void compareWithEnd() {
        if (end == null) {
            lookForEnd();
        }
        EndMarker marker = end;
        if (marker == null) {
            return;
        }
        compare("blobs", marker.blobCount().orElse(window.next()), window.next());
        compare("bytes", marker.totalSize().orElse(bytes), bytes);
        compare("hash chain", marker.hashChain().orElse(chain), chain);
    }

    private void compare(String what, Object announced, Object found) {
        if (!announced.equals(found)) {
            throw new DamagedException(
                    "the buffer ends too early or too late: %s announces %s %s, found %s"
                            .formatted(
                                    EndMarker.NAME,
                                    what,
                                    Printable.of(announced.toString()),
                                    found));
        }
    }
}
