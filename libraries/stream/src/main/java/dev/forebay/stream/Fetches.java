package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fetches blobs whole and checks their digests; a body that is not what was announced is asked for
 * again, {@link Retry#WRONG_DIGESTS} times. Memory is given for what has come, or for as much as
 * came before, and not for what is only announced. Safe for use by many threads.
 */
final class Fetches {
    /** What a fetch came back with. */
    sealed interface Answer {
        /** The body is checked; its memory is the reader's to give back. */
        record Here(BlobInfo info, ByteBuffer body) implements Answer {}

        record Missing(boolean waited) implements Answer {}

        /** Not an answer yet: the body did not match. */
        record Wrong(BlobInfo info) implements Answer {}
    }

    /** The block size when nobody says. */
    private static final int USUAL = 4 << 20;

    /** The largest size that is given memory before a byte of it came. */
    private final AtomicInteger believed = new AtomicInteger(USUAL);

    private final Container container;
    private final Retry retry;
    private final Rules rules;
    private final BodyPool pool;
    private final Duration retryTime;

    Fetches(Container container, Retry retry, Rules rules, BodyPool pool, Duration retryTime) {
        this.container = container;
        this.retry = retry;
        this.rules = rules;
        this.pool = pool;
        this.retryTime = retryTime;
    }

    /** Never {@link Answer.Wrong}. */
    Answer fetch(BlobName name, Wait wait, long largest) {
        for (int wrong = 0; ; wrong++) {
            Answer answer = retry.call(retryTime, () -> attempt(name, wait, largest));
            if (!(answer instanceof Answer.Wrong(BlobInfo info))) {
                return answer;
            }
            if (wrong >= Retry.WRONG_DIGESTS) {
                throw new DamagedException(
                        "MD5 mismatch: blob "
                                + name
                                + " is announced with "
                                + info.md5()
                                + " and its body was another "
                                + (wrong + 1)
                                + " times; nothing of it was released");
            }
            retry.countWrongDigest();
        }
    }

    private Answer attempt(BlobName name, Wait wait, long largest) {
        return switch (container.get(name, wait)) {
            case Lookup.Absent(boolean waited) -> new Answer.Missing(waited);
            case Lookup.Found(OpenBlob blob) -> {
                try (blob) {
                    yield body(blob, largest);
                }
            }
        };
    }

    private Answer body(OpenBlob blob, long largest) {
        BlobInfo info = blob.info();
        if (info.size() > largest) {
            throw new DamagedException(
                    "blob "
                            + info.name()
                            + " has "
                            + info.size()
                            + " bytes; at most "
                            + largest
                            + " are taken");
        }
        int size = Math.toIntExact(info.size());
        int first = Math.min(size, believed.get());
        GrowingBody memory = new GrowingBody(pool, first, size);
        boolean kept = false;
        try {
            if (first == size) {
                blob.readInto(memory.body());
            } else {
                blob.transferTo(memory);
            }
            ByteBuffer body = memory.body().flip();
            believed.accumulateAndGet(body.remaining(), Math::max);
            kept = rules.digestHolds(info, body);
            return kept ? new Answer.Here(info, body) : new Answer.Wrong(info);
        } finally {
            if (!kept) {
                pool.give(memory.body());
            }
        }
    }
}
