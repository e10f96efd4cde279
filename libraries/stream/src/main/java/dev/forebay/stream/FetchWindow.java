package dev.forebay.stream;

import dev.forebay.base.ByteSize;
import dev.forebay.base.DamagedException;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Wait;
import dev.forebay.stream.Fetches.Answer;
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
 * The next blobs of a buffer, fetched side by side and taken in order.
 *
 * <p><b>Guarantee.</b> At most {@code dop} blobs are fetched or held at a time, the one that is
 * being released included, and at most what the memory budget has, down to one. No answer is lost,
 * and what is fetched and not taken gives its memory back.
 *
 * <p><b>How wide.</b> While the reader waits for its writer, the window has one blob: a second
 * request would be in vain. It doubles with each blob that was there already, and has the full
 * width once the end is known. Where memory was short it has half of its width, and one more with
 * each blob that is released.
 *
 * <p>For the thread that reads, which blocks; the fetches have threads of their own.
 */
final class FetchWindow {
    /** How long the request for a blob that is not there is held at most. */
    static final Wait PATIENT = Wait.upTo(Duration.ofSeconds(20), EndMarker.NAME);

    /** What comes within this time was not waited for: a blob was most likely there already. */
    static final long AT_ONCE = Duration.ofMillis(250).toNanos();

    /** A blob for which its container held the request this long was waited for, it says. */
    private static final Duration HELD = Duration.ofMillis(10);

    private record Prefetch(boolean patient, CompletableFuture<Answer> answer) {}

    private final ReadOptions options;
    private final Fetches fetches;
    private final Threads threads;
    private final Deque<Prefetch> window = new ArrayDeque<>();

    /** The lowest number that a prefetch did not find; no request goes beyond it. */
    private final AtomicLong absentFrom = new AtomicLong(Long.MAX_VALUE);

    private @Nullable EndMarker end;

    /** The number of the next blob that is taken. */
    private long next;

    /** How many blobs to fetch at a time, as far as they were there at once. */
    private int width = 1;

    /** How many blobs to fetch at a time, as far as there was memory. */
    private int roomy;

    /** Whether the last answer of the window was not waited for. */
    private boolean atOnce;

    /** Whether the container held the request for the last blob until it came, as it says. */
    private boolean heldBack;

    private long largest = 1;

    FetchWindow(ReadOptions options, Fetches fetches, Threads threads) {
        this.options = options;
        this.fetches = fetches;
        this.threads = threads;
        this.roomy = options.dop();
    }

    /** The number of the next blob. */
    long next() {
        return next;
    }

    /** Says what is known of the end: how many blobs there are, and how large they are. */
    void end(EndMarker found) {
        end = found;
        largest = Math.max(largest, found.blobSize().orElse(1));
    }

    /** What became of the request for the next blob; blocks. */
    Answer first() {
        fill(options.dop());
        Answer answer = answerOfFirst();
        // Not a switch, which would make a class when the first block comes.
        if (answer instanceof Answer.Here here) {
            Optional<Duration> held = here.body().held();
            boolean there = held.isPresent() ? held.get().compareTo(HELD) < 0 : atOnce;
            width = there ? Math.min(options.dop(), width * 2) : 1;
            heldBack = held.isPresent() && !there;
        } else if (answer instanceof Answer.Missing) {
            width = 1;
            heldBack = false;
        }
        return answer;
    }

    /**
     * Whether the container held the request for the blob that {@link #first} got last until it
     * came. One that only took long, over a slow network, is none of these.
     */
    boolean heldBack() {
        return heldBack;
    }

    /** Asks for the next blob once more, as {@code wait} says; blocks. */
    Answer again(Wait wait) {
        return fetch(BlobNumber.nameOf(next), wait, new Fetches.Claiming.Needed());
    }

    /** Goes on behind the next blob, of that size; fetches ahead while the caller releases it. */
    void take(long size) {
        if (next >= absentFrom.get()) {
            absentFrom.set(Long.MAX_VALUE);
        }
        next++;
        largest = Math.max(largest, size);
        fill(options.dop() - 1);
    }

    /** Allows one more blob at a time: the one that was taken has given its memory back. */
    void released() {
        roomy = Math.min(options.dop(), roomy + 1);
    }

    /** Starts fetches until {@code most}, or as many as promise success, are under way. */
    private void fill(int most) {
        int wanted = Math.min(most, end != null ? options.dop() : width);
        // The blob that is being released is not in the window and has memory too.
        long fitting = options.memory().total().bytes() / MemoryBudget.roomFor(largest);
        int held = options.dop() - most;
        wanted = (int) Math.min(wanted, Math.max(1 - held, Math.min(roomy, fitting) - held));
        long beyond = end != null ? end.blobCount().orElse(Long.MAX_VALUE - 1) + 1 : Long.MAX_VALUE;
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
                            patient, threads.submit(() -> prefetch(number, patient, claiming))));
        }
    }

    private Answer prefetch(long number, boolean patient, Fetches.Claiming claiming) {
        Answer answer = fetch(BlobNumber.nameOf(number), patient ? PATIENT : Wait.NONE, claiming);
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
                ? again(PATIENT)
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
     * Fetches the next blob, for which there was no memory: gives up blobs that were fetched ahead,
     * the last one first, then waits for other transfers.
     */
    Answer.Here makeRoom(Answer.NoRoom refused) {
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
     * Gives back the memory of what was fetched and not released; a fetch that still runs does so
     * when it ends.
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
}
