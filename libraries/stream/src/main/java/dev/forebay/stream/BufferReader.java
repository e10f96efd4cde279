package dev.forebay.stream;

import dev.forebay.base.ByteSize;
import dev.forebay.base.DamagedException;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.Printable;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads one buffer from its beginning to its end, also while it is being written or before.
 *
 * <p><b>Guarantee.</b> A byte leaves only after the digest of its blob and the blob's place in the
 * chain were checked; bytes leave in order and once. When {@link #read} returns, the whole buffer
 * was released and agrees with what its end marker says. At most {@code dop} blobs are in memory,
 * also while the output is stalled, and at most what the memory budget of the options has, down to
 * one blob. A reader that has caught up holds one request for the next blob and makes no others.
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

    /** A blob for which its container held the request this long was waited for, it says. */
    private static final Duration HELD = Duration.ofMillis(10);

    private final Container container;
    private final ReadOptions options;
    private final boolean platformThreads;

    /**
     * A reader of the buffer in {@code container}, which stays open and is not called yet.
     *
     * @param container has the blobs
     * @param options how many at a time, and how failures are retried
     */
    public BufferReader(Container container, ReadOptions options) {
        this(container, options, false);
    }

    private BufferReader(Container container, ReadOptions options, boolean platformThreads) {
        this.container = container;
        this.options = options;
        this.platformThreads = platformThreads;
    }

    /**
     * The same with platform threads for the fetches instead of virtual ones, as many as there are
     * at a time: for a process that does little else, which then spends less on switching between
     * them, and ends at once.
     *
     * @return that reader
     */
    public BufferReader onPlatformThreads() {
        return new BufferReader(container, options, true);
    }

    /**
     * Reads the whole buffer into {@code output}, which stays open; blocks until the buffer has
     * ended.
     *
     * @param output takes the bytes in their order, and may block
     * @return how much it was
     * @throws dev.forebay.base.NotEnoughMemoryException if there is no memory for a blob; its bytes
     *     were not asked for
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
        Fetches fetches = new Fetches(container, retry, options.memory(), options.retryTime());
        Threads threads = new Threads(options.clock(), platformThreads);
        Reading reading = new Reading(retry, fetches, threads);
        try {
            reading.run(output);
        } finally {
            threads.end();
            reading.dropAll();
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
        private record Prefetch(boolean patient, CompletableFuture<Answer> answer) {}

        private final Retry retry;
        private final Fetches fetches;
        private final Threads threads;
        private final Deque<Prefetch> window = new ArrayDeque<>();

        /** The lowest number that a prefetch did not find; no request goes beyond it. */
        private final AtomicLong absentFrom = new AtomicLong(Long.MAX_VALUE);

        private @Nullable EndMarker end;

        /** How many blobs to fetch at a time, as far as they were there at once. */
        private int width = 1;

        /** How many blobs to fetch at a time, as far as there was memory. */
        private int roomy = options.dop();

        /** Whether the last answer of the window was not waited for. */
        private boolean atOnce;

        private long largest = 1;
        private long next;
        private long bytes;
        private String chain = HashChain.START;

        Reading(Retry retry, Fetches fetches, Threads threads) {
            this.retry = retry;
            this.fetches = fetches;
            this.threads = threads;
        }

        void run(WritableByteChannel output) {
            lookForEnd();
            awaitStart();
            while (true) {
                fill(options.dop());
                Answer answer = answerOfFirst();
                Answer.Here here;
                // The usual answer has no part in the switch, which makes a class when it is first
                // met.
                if (answer instanceof Answer.Here found) {
                    Optional<Duration> held = found.body().held();
                    boolean there = held.isPresent() ? held.get().compareTo(HELD) < 0 : atOnce;
                    width = there ? Math.min(options.dop(), width * 2) : 1;
                    here = found;
                } else {
                    here = afterAll(answer);
                }
                try (Fetched body = here.body()) {
                    if (next >= absentFrom.get()) {
                        absentFrom.set(Long.MAX_VALUE);
                    }
                    // The digest was checked by the fetch; this is the blob's place in the chain.
                    chain = HashChain.after(chain, here.info());
                    if (here.info().size() == 0) {
                        compareWithEnd();
                        return;
                    }
                    next++;
                    bytes += here.info().size();
                    largest = Math.max(largest, here.info().size());
                    fill(options.dop() - 1);
                    release(body, here.info().size(), output);
                }
                roomy = Math.min(options.dop(), roomy + 1);
            }
        }

        /** The blob for which another answer came first. */
        private Answer.Here afterAll(Answer answer) {
            return switch (answer) {
                case Answer.Here found -> found;
                case Answer.NoRoom refused -> makeRoom(refused);
                case Answer.Missing missing -> {
                    width = 1;
                    yield await(missing);
                }
                case Answer.Wrong wrong -> throw new IllegalStateException(wrong + " is no answer");
            };
        }

        ReadResult result() {
            return new ReadResult(bytes, next, chain, retry.counted());
        }

        /** Starts fetches until {@code most}, or as many as promise success, are under way. */
        private void fill(int most) {
            int wanted = Math.min(most, end != null ? options.dop() : width);
            // The blob that is being released is not in the window and has memory too.
            long fitting = options.memory().total().bytes() / MemoryBudget.roomFor(largest);
            int held = options.dop() - most;
            wanted = (int) Math.min(wanted, Math.max(1 - held, Math.min(roomy, fitting) - held));
            long beyond =
                    end != null ? end.blobCount().orElse(Long.MAX_VALUE - 1) + 1 : Long.MAX_VALUE;
            while (window.size() < wanted) {
                long number = next + window.size();
                boolean head = window.isEmpty();
                if (!head && (number >= beyond || number > absentFrom.get())) {
                    return;
                }
                boolean patient = head && end == null;
                Fetches.Claiming claiming =
                        head && held == 0
                                ? new Fetches.Claiming.Needed()
                                : new Fetches.Claiming.Ahead();
                window.addLast(
                        new Prefetch(
                                patient,
                                threads.submit(() -> prefetch(number, patient, claiming))));
            }
        }

        private Answer prefetch(long number, boolean patient, Fetches.Claiming claiming) {
            Answer answer =
                    fetch(BlobNumber.nameOf(number), patient ? PATIENT : Wait.NONE, claiming);
            if (answer instanceof Answer.Missing && !patient) {
                absentFrom.accumulateAndGet(number, Math::min);
            }
            return answer;
        }

        private Answer fetch(BlobName name, Wait wait, Fetches.Claiming claiming) {
            return fetches.fetch(name, wait, options.largestBlob().bytes(), claiming);
        }

        /** A fetch stays in the window until its answer is here, so that no answer is lost. */
        private Answer answerOfFirst() {
            Prefetch prefetch = window.getFirst();
            long asked = options.clock().nanos();
            Answer answer = resultOf(prefetch.answer());
            atOnce = options.clock().nanos() - asked < AT_ONCE;
            window.removeFirst();
            // One that did not wait says nothing about the other side's readiness to wait.
            return answer instanceof Answer.Missing && !prefetch.patient() && end == null
                    ? fetch(BlobNumber.nameOf(next), PATIENT, new Fetches.Claiming.Needed())
                    : answer;
        }

        private Answer resultOf(CompletableFuture<Answer> future) {
            try {
                return future.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransferInterruptedException("reading the buffer", e);
            } catch (ExecutionException e) {
                throw asThrown(Objects.requireNonNull(e.getCause()));
            }
        }

        private static RuntimeException asThrown(Throwable cause) {
            return switch (cause) {
                case Error error -> throw error;
                case RuntimeException failure -> failure;
                default -> new BufferException("the read failed: " + cause, cause);
            };
        }

        /**
         * Fetches the next blob, for which there was no memory: gives up blobs that were fetched
         * ahead, the last one first, then waits for other transfers.
         */
        private Answer.Here makeRoom(Answer.NoRoom refused) {
            roomy = Math.max(1, roomy / 2);
            BlobInfo wanted = refused.info();
            for (int tries = 1; ; tries++) {
                long room = MemoryBudget.roomFor(wanted.size());
                claim(wanted, room);
                Answer answer = fetch(wanted.name(), Wait.NONE, new Fetches.Claiming.Done(room));
                if (answer instanceof Answer.Here here) {
                    return here;
                }
                if (!(answer instanceof Answer.NoRoom(BlobInfo larger))
                        || tries > Retry.WRONG_DIGESTS) {
                    throw new DamagedException(
                            "blob %s was there with %d bytes, and then: %s"
                                    .formatted(wanted.name(), wanted.size(), answer));
                }
                wanted = larger;
            }
        }

        private void claim(BlobInfo wanted, long room) {
            MemoryBudget memory = options.memory();
            boolean claimed = memory.claimFirst(room);
            while (!claimed && !window.isEmpty()) {
                dropLast();
                claimed = memory.claimFirst(room);
            }
            if (claimed) {
                return;
            }
            try {
                memory.awaitFirst(
                        "blob %s of %s".formatted(wanted.name(), ByteSize.of(wanted.size())),
                        room,
                        options.clock(),
                        options.retryTime());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransferInterruptedException("waiting for memory", e);
            }
        }

        private void dropLast() {
            Answer answer = resultOf(window.getLast().answer());
            window.removeLast();
            if (answer instanceof Answer.Here here) {
                here.body().close();
            }
        }

        /**
         * Gives back the memory of what was fetched and not released; a fetch that still runs does
         * so when it ends.
         */
        void dropAll() {
            for (Prefetch prefetch : window) {
                CompletableFuture<Answer> unused = prefetch.answer();
                CompletableFuture<Void> _ =
                        unused.thenAccept(answer -> {
                            if (answer instanceof Answer.Here here) {
                                here.body().close();
                            }
                        });
            }
            window.clear();
        }

        /**
         * Waits for the next blob, which was not there. With an end marker standing it will never
         * come: the buffer is damaged, unless the blob came right before the marker.
         */
        private Answer.Here await(Answer.Missing first) {
            BlobName name = BlobNumber.nameOf(next);
            Answer answer = first;
            boolean said = first.waited();
            boolean waited = said;
            for (long tries = 0; ; tries++) {
                switch (answer) {
                    case Answer.Here here -> {
                        return here;
                    }
                    case Answer.NoRoom refused -> {
                        return makeRoom(refused);
                    }
                    case Answer.Missing _, Answer.Wrong _ -> {}
                }
                if (end == null && (said || tries % 10 == 0 || tries > 100)) {
                    lookForEnd();
                }
                if (end != null) {
                    return last(name);
                }
                if (!waited) {
                    retry.pause(pauseBefore(tries));
                }
                long asked = options.clock().nanos();
                answer = fetch(name, PATIENT, new Fetches.Claiming.Needed());
                // Who says to have waited and answers at once would be asked without a pause.
                said = answer instanceof Answer.Missing(boolean did) && did;
                waited = said && options.clock().nanos() - asked >= AT_ONCE;
            }
        }

        /** The blob, which came before the end marker or never will. */
        private Answer.Here last(BlobName name) {
            return switch (fetch(name, Wait.NONE, new Fetches.Claiming.Needed())) {
                case Answer.Here here -> here;
                case Answer.NoRoom refused -> makeRoom(refused);
                case Answer.Missing _, Answer.Wrong _ ->
                        throw new DamagedException(
                                "blob %s was expected to exist but does not: blob number %d is missing although the buffer is complete; %d bytes before it were released"
                                        .formatted(name, next, bytes));
            };
        }

        private void awaitStart() {
            Marker marker = fetches.marker(StartMarker.NAME, PATIENT);
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
                marker = fetches.marker(StartMarker.NAME, end == null ? PATIENT : Wait.NONE);
                said = marker.waited();
                waited = said && options.clock().nanos() - asked >= AT_ONCE;
            }
            StartMarker.parse(marker.text());
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
            largest = Math.max(largest, found.blobSize().orElse(1));
            end = found;
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
            compare("blobs", marker.blobCount().orElse(next), next);
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
}
