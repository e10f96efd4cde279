package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Wait;
import dev.forebay.stream.Fetches.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads one buffer from its beginning to its end, also while it is being written or before.
 *
 * <p><b>Guarantee.</b> A byte leaves only after the digest of its blob and the blob's place in the
 * chain were checked; bytes leave in order and once. When {@link #read} returns, the whole buffer
 * was released and agrees with what its end marker says. At most {@code dop} blobs are in memory,
 * also while the output is stalled. A reader that has caught up holds one request for the next blob
 * and makes no others.
 *
 * <p><b>Limit.</b> Digest and chain guard against accidents, not against forgers. What was released
 * before damage was met is not taken back. A writer that died without a word is waited for.
 *
 * <p>Writes to the output on the calling thread. Safe for use by many threads; each call of {@link
 * #read} reads the buffer anew.
 */
public final class BufferReader {
    private static final Wait PATIENT = Wait.upTo(Duration.ofSeconds(20), EndMarker.NAME);

    /** What comes within this time was not waited for: a blob was most likely there already. */
    private static final long AT_ONCE = Duration.ofMillis(250).toNanos();

    private final Container container;
    private final ReadOptions options;
    private final Rules rules;

    /** A reader of the buffer in {@code container}, which stays open and is not called yet. */
    public BufferReader(Container container, ReadOptions options) {
        this(container, options, Rules.SOUND);
    }

    BufferReader(Container container, ReadOptions options, Rules rules) {
        this.container = container;
        this.options = options;
        this.rules = rules;
    }

    /**
     * Reads the whole buffer into {@code output}, which stays open; blocks until the buffer has
     * ended.
     *
     * @throws BufferFailedException if its writer gave up
     * @throws DamagedException if a blob is not what was written, or is missing
     * @throws BufferMissingException if the buffer does not exist, or is deleted meanwhile
     * @throws UnsupportedFormatException if it was written in another format
     * @throws TransferInterruptedException if the calling thread is interrupted, whose interrupt
     *     flag is set then
     * @throws BufferException if the output fails, which is the cause then
     * @throws dev.forebay.blob.ContainerException if the container fails for longer than the retry
     *     time, or in a way that will not pass
     */
    public ReadResult read(WritableByteChannel output) {
        Retry retry = new Retry(options.clock(), options.listener());
        BodyPool pool = new BodyPool();
        Fetches fetches = new Fetches(container, retry, rules, pool, options.retryTime());
        Threads threads = new Threads(options.clock(), rules.grace());
        Reading reading = new Reading(retry, fetches, pool, threads);
        try {
            reading.run(output);
        } finally {
            threads.end();
        }
        return reading.result();
    }

    /** How long the reference waits before it asks again, by the number of tries. */
    static Duration pauseBefore(long tries) {
        return tries < 10
                ? Duration.ofMillis(100)
                : tries < 100
                        ? Duration.ofMillis(500)
                        : tries < 1000 ? Duration.ofSeconds(1) : Duration.ofSeconds(5);
    }

    /** One reading; all but the fetches themselves is done by the calling thread. */
    private final class Reading {
        private record Prefetch(boolean patient, Future<Answer> answer) {}

        private final Retry retry;
        private final Fetches fetches;
        private final BodyPool pool;
        private final Threads threads;
        private final Deque<Prefetch> window = new ArrayDeque<>();

        /** The lowest number that a prefetch did not find; no request goes beyond it. */
        private final AtomicLong absentFrom = new AtomicLong(Long.MAX_VALUE);

        private @Nullable EndMarker end;
        private int width = 1;
        private long next;
        private long bytes;
        private String chain = HashChain.START;

        Reading(Retry retry, Fetches fetches, BodyPool pool, Threads threads) {
            this.retry = retry;
            this.fetches = fetches;
            this.pool = pool;
            this.threads = threads;
        }

        void run(WritableByteChannel output) {
            lookForEnd();
            awaitStart();
            while (true) {
                fill(options.dop());
                long asked = options.clock().nanos();
                Answer answer = answerOf(window.removeFirst());
                Answer.Here here;
                if (answer instanceof Answer.Here found) {
                    boolean atOnce = options.clock().nanos() - asked < AT_ONCE;
                    width = atOnce ? Math.min(options.dop(), width * 2) : 1;
                    here = found;
                } else {
                    width = 1;
                    Answer.Here late = await(BlobNumber.nameOf(next), (Answer.Missing) answer);
                    if (late == null) {
                        return;
                    }
                    here = late;
                }
                if (next >= absentFrom.get()) {
                    absentFrom.set(Long.MAX_VALUE);
                }
                check(here.info());
                if (here.info().size() == 0) {
                    compareWithEnd();
                    return;
                }
                next++;
                bytes += here.info().size();
                fill(options.dop() - 1);
                release(here, output);
            }
        }

        ReadResult result() {
            return new ReadResult(bytes, next, chain, retry.counted());
        }

        /** Starts fetches until {@code most}, or as many as promise success, are under way. */
        private void fill(int most) {
            int wanted = Math.min(most, end != null ? options.dop() : width);
            long beyond =
                    end != null ? end.blobCount().orElse(Long.MAX_VALUE - 1) + 1 : Long.MAX_VALUE;
            while (window.size() < wanted) {
                long number = next + window.size();
                boolean head = window.isEmpty();
                if (!head && (number >= beyond || number > absentFrom.get())) {
                    return;
                }
                boolean patient = head && end == null;
                window.addLast(
                        new Prefetch(patient, threads.submit(() -> prefetch(number, patient))));
            }
        }

        private Answer prefetch(long number, boolean patient) {
            Answer answer = fetch(BlobNumber.nameOf(number), patient ? PATIENT : Wait.NONE);
            if (answer instanceof Answer.Missing && !patient) {
                absentFrom.accumulateAndGet(number, Math::min);
            }
            return answer;
        }

        private Answer fetch(BlobName name, Wait wait) {
            return fetches.fetch(name, wait, options.largestBlob().bytes());
        }

        private Answer answerOf(Prefetch prefetch) {
            try {
                Answer answer = prefetch.answer().get();
                // One that did not wait says nothing about the other side's readiness to wait.
                return answer instanceof Answer.Missing && !prefetch.patient() && end == null
                        ? fetch(BlobNumber.nameOf(next), PATIENT)
                        : answer;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransferInterruptedException("reading the buffer", e);
            } catch (ExecutionException e) {
                switch (Objects.requireNonNull(e.getCause())) {
                    case RuntimeException failure -> throw failure;
                    case Error error -> throw error;
                    case Throwable other ->
                            throw new BufferException("the read failed: " + other, other);
                }
            }
        }

        /**
         * Waits for a blob that was not there. With an end marker standing it will never come: the
         * buffer is damaged, unless the blob came right before the marker. Null if it is the end
         * after all, which sound rules never say.
         */
        private Answer.@Nullable Here await(BlobName name, Answer.Missing first) {
            Answer answer = first;
            boolean said = first.waited();
            boolean waited = said;
            for (long tries = 0; ; tries++) {
                if (answer instanceof Answer.Here here) {
                    return here;
                }
                if (end == null && (said || tries % 10 == 0 || tries > 100)) {
                    lookForEnd();
                }
                if (end != null) {
                    if (fetch(name, Wait.NONE) instanceof Answer.Here here) {
                        return here;
                    }
                    if (!rules.gapIsDamage()) {
                        return null;
                    }
                    throw new DamagedException(
                            "blob "
                                    + name
                                    + " was expected to exist but does not: blob number "
                                    + next
                                    + " is missing although the buffer is complete; "
                                    + bytes
                                    + " bytes before it were released");
                }
                if (!waited) {
                    retry.pause(pauseBefore(tries));
                }
                long asked = options.clock().nanos();
                answer = fetch(name, PATIENT);
                // Who says to have waited and answers at once would be asked without a pause.
                said = answer instanceof Answer.Missing(boolean did) && did;
                waited = said && options.clock().nanos() - asked >= AT_ONCE;
            }
        }

        private void awaitStart() {
            Answer answer = fetches.fetch(StartMarker.NAME, PATIENT, MarkerJson.LARGEST);
            if (answer instanceof Answer.Missing missing) {
                Answer.Here here = await(StartMarker.NAME, missing);
                if (here == null) {
                    return;
                }
                answer = here;
            }
            if (answer instanceof Answer.Here(_, ByteBuffer body)) {
                StartMarker.parse(body);
                pool.give(body);
            }
        }

        private void lookForEnd() {
            if (fetches.fetch(EndMarker.NAME, Wait.NONE, MarkerJson.LARGEST)
                    instanceof Answer.Here(BlobInfo info, ByteBuffer body)) {
                EndMarker found = EndMarker.parse(body);
                pool.give(body);
                if (found.failed()) {
                    throw new BufferFailedException();
                }
                if (!found.known()) {
                    options.listener()
                            .warning(
                                    info.name()
                                            + " has an unknown status '"
                                            + found.status()
                                            + "', taken for complete");
                }
                end = found;
            }
        }

        /** The digest was checked by the fetch; this is the blob's place in the chain. */
        private void check(BlobInfo info) {
            String expected = HashChain.next(chain, info.md5());
            String stored = info.metadata().get(HashChain.METADATA_KEY);
            if (stored == null) {
                throw new DamagedException("blob " + info.name() + " carries no hash chain");
            }
            if (!rules.chainHolds(stored, expected)) {
                throw new DamagedException(
                        "hash chain mismatch: blob "
                                + info.name()
                                + " carries "
                                + stored
                                + ", expected "
                                + expected
                                + "; nothing of it was released");
            }
            chain = expected;
        }

        private void release(Answer.Here here, WritableByteChannel output) {
            try {
                while (here.body().hasRemaining()) {
                    output.write(here.body());
                }
            } catch (ClosedByInterruptException e) {
                throw new TransferInterruptedException("writing to the output", e);
            } catch (IOException e) {
                throw new BufferException("the output failed: " + e.getMessage(), e);
            }
            options.listener().moved(here.info().size());
            pool.give(here.body());
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
            compare("blobs", marker.blobCount().orElse(next), next);
            compare("bytes", marker.totalSize().orElse(bytes), bytes);
            compare("hash chain", marker.hashChain().orElse(chain), chain);
        }

        private void compare(String what, Object announced, Object found) {
            if (!announced.equals(found)) {
                throw new DamagedException(
                        "the buffer ends too early or too late: "
                                + EndMarker.NAME
                                + " announces "
                                + what
                                + " "
                                + announced
                                + ", found "
                                + found);
            }
        }
    }
}
