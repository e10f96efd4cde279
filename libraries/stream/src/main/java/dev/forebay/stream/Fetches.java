package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * Fetches blobs whole and checks their digests; a body that is not what was announced is asked for
 * again, {@link Retry#WRONG_DIGESTS} times.
 *
 * <p><b>Guarantee.</b> Memory is claimed when the size of a blob is known and before any is taken,
 * and taken for what has come, not for what is only announced. A fetch that fails gives its memory
 * back.
 *
 * <p>Safe for use by many threads.
 */
final class Fetches {
    /** What a fetch came back with. */
    sealed interface Answer {
        /** The body is checked; the caller closes it. */
        record Here(BlobInfo info, Fetched body) implements Answer {}

        record Missing(boolean waited) implements Answer {}

        /** The budget has no room for the blob now; nothing was read. */
        record NoRoom(BlobInfo info) implements Answer {}

        /** Not an answer yet: the body did not match. */
        record Wrong(BlobInfo info) implements Answer {}
    }

    /** How a fetch comes by its memory. */
    sealed interface Claiming {
        /** It claims what can be done without. */
        record Ahead() implements Claiming {}

        /** It claims what cannot be done without. */
        record Needed() implements Claiming {}

        /** The caller has claimed so many bytes for it, which are the fetch's from now on. */
        record Done(long bytes) implements Claiming {}
    }

    private final Container container;
    private final Retry retry;
    private final MemoryBudget budget;
    private final Duration retryTime;

    Fetches(Container container, Retry retry, MemoryBudget budget, Duration retryTime) {
        this.container = container;
        this.retry = retry;
        this.budget = budget;
        this.retryTime = retryTime;
    }

    /** Fetches as {@code options} say; their listener hears of repeated tries. */
    static Fetches of(Container container, ReadOptions options) {
        Retry retry = new Retry(options.clock(), options.listener());
        return new Fetches(container, retry, options.memory(), options.retryTime());
    }

    /**
     * What is known of a blob that must be there.
     *
     * @throws DamagedException if it is missing
     */
    BlobInfo head(BlobName name) {
        return find(name)
                .orElseThrow(() ->
                        new DamagedException(
                                "blob %s is missing from a complete buffer".formatted(name)));
    }

    /** What is known of a blob, or empty if there is none. */
    Optional<BlobInfo> find(BlobName name) {
        return retry.call(retryTime, () -> container.head(name));
    }

    /**
     * The body of a marker, which is small and not counted in the budget; null if it is missing.
     */
    Marker marker(BlobName name, Wait wait) {
        for (int wrong = 0; ; wrong++) {
            Marker marker = retry.call(retryTime, () -> readMarker(name, wait));
            if (marker.whole()) {
                return marker;
            }
            checkAgain(name, marker.announced(), wrong);
        }
    }

    private Marker readMarker(BlobName name, Wait wait) {
        return switch (container.get(name, wait)) {
            case Lookup.Absent(boolean waited) -> Marker.missing(waited);
            case Lookup.Found(OpenBlob blob) -> {
                try (blob) {
                    checkSize(blob.info(), MarkerJson.LARGEST);
                    ByteBuffer body = ByteBuffer.allocate((int) blob.info().size());
                    blob.readInto(body);
                    yield Marker.of(blob.info(), body.flip());
                }
            }
        };
    }

    /** Never {@link Answer.Wrong}. */
    Answer fetch(BlobName name, Wait wait, long largest, Claiming claiming) {
        try (Claim claim = new Claim(budget, claiming)) {
            for (int wrong = 0; ; wrong++) {
                Answer answer = retry.call(retryTime, () -> attempt(name, wait, largest, claim));
                if (!(answer instanceof Answer.Wrong(BlobInfo info))) {
                    return answer;
                }
                checkAgain(name, info, wrong);
            }
        }
    }

    private void checkAgain(BlobName name, BlobInfo info, int wrong) {
        if (wrong >= Retry.WRONG_DIGESTS) {
            throw new DamagedException(
                    "MD5 mismatch: blob %s is announced with %s and its body was another %d times; nothing of it was released"
                            .formatted(name, info.md5(), wrong + 1));
        }
        retry.countWrongDigest();
    }

    private Answer attempt(BlobName name, Wait wait, long largest, Claim claim) {
        // Not a switch, which would make a class when the first block is there already.
        Lookup lookup = container.get(name, wait);
        if (lookup instanceof Lookup.Found(OpenBlob blob)) {
            try (blob) {
                checkSize(blob.info(), largest);
                return claim.covers(MemoryBudget.roomFor(blob.info().size()))
                        ? body(blob, claim)
                        : new Answer.NoRoom(blob.info());
            }
        }
        return new Answer.Missing(lookup instanceof Lookup.Absent(boolean waited) && waited);
    }

    private static void checkSize(BlobInfo info, long largest) {
        if (info.size() > largest) {
            throw new DamagedException(
                    "blob %s has %d bytes; at most %d are taken"
                            .formatted(info.name(), info.size(), largest));
        }
    }

    private Answer body(OpenBlob blob, Claim claim) {
        BlobInfo info = blob.info();
        Body body = Body.of(budget, info.size());
        boolean kept = false;
        try {
            blob.readInto(body);
            body.flip();
            kept = body.md5().equals(info.md5());
            return kept
                    ? new Answer.Here(info, new Fetched(body, claim.handOver(), blob.held()))
                    : new Answer.Wrong(info);
        } finally {
            if (!kept) {
                body.give();
            }
        }
    }

    /** The memory that one fetch has claimed; closing it releases what was not handed over. */
    private static final class Claim implements AutoCloseable {
        private final MemoryBudget budget;
        private final Claiming claiming;
        private long claimed;

        Claim(MemoryBudget budget, Claiming claiming) {
            this.budget = budget;
            this.claiming = claiming;
            this.claimed = claiming instanceof Claiming.Done(long bytes) ? bytes : 0;
        }

        /** Makes it exactly {@code bytes}; false if there is not enough. */
        boolean covers(long bytes) {
            long more = bytes - claimed;
            if (more <= 0) {
                budget.release(-more);
                claimed = bytes;
                return true;
            }
            boolean granted =
                    claiming instanceof Claiming.Ahead
                            ? budget.claim(more)
                            : budget.claimFirst(more);
            claimed += granted ? more : 0;
            return granted;
        }

        /** The claim goes with the body. */
        Runnable handOver() {
            long bytes = claimed;
            claimed = 0;
            return () -> budget.release(bytes);
        }

        @Override
        public void close() {
            budget.release(claimed);
        }
    }
}
