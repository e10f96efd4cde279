package dev.forebay.stream;

import dev.forebay.base.Nanos;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes one buffer.
 *
 * <p><b>Guarantee.</b> When {@link #write} returns, every byte of the input and the end marker are
 * as durable as the options demand, and no other writer of ours believes the buffer is its own.
 * Memory for blocks, heap and direct, is at most that of 1.5 times {@code dop} full blocks, 2 if
 * {@code dop} is 1, and a piece of 256 KiB, also while the container is stalled.
 *
 * <p><b>Limit.</b> After a failure the buffer cannot be written again. A writer that dies without a
 * word leaves no end marker, and its readers wait.
 *
 * <p>The input is read by a thread of its own. When the write ends early that thread is interrupted
 * and not waited for: an input that cannot be interrupted keeps it until its next byte. The channel
 * is not closed but by that interrupt, if it is one that interrupts close.
 */
public final class BufferWriter {
    /**
     * After an interrupt, {@link #write} returns within this time, whatever the container does: its
     * calls get two seconds to end, and two more once interrupted; the failure marker gets three,
     * and two more.
     */
    public static final Duration LONGEST_END = Duration.ofSeconds(10);

    private final Container container;
    private final WriteOptions options;
    private final Rules rules;

    /** A writer of the buffer in {@code container}, which stays open and is not called yet. */
    public BufferWriter(Container container, WriteOptions options) {
        this(container, options, Rules.SOUND);
    }

    BufferWriter(Container container, WriteOptions options, Rules rules) {
        this.container = container;
        this.options = options;
        this.rules = rules;
    }

    /**
     * Writes the whole input as the buffer; blocks. Whatever ends the write once the start marker
     * stands, such as an interrupt, an input that fails, or a container that fails for longer than
     * the retry time, leaves an end marker that says <em>failed</em>, if it gets through within
     * three seconds; unless the whole buffer was written and only the last acknowledgement is
     * missing. What became of it is told by {@link TransferListener#failureMarked}.
     *
     * @throws BufferOverwriteException if the buffer was written or is being written by another
     * @throws BufferMissingException if the buffer does not exist
     * @throws NotDurableException if the container promises less durability than is demanded
     * @throws TransferInterruptedException if the calling thread is interrupted, whose interrupt
     *     flag is set then
     * @throws BufferException if the input fails, which is the cause then
     * @throws dev.forebay.base.DamagedException if a blob arrived changed, and again each time it
     *     was sent
     * @throws dev.forebay.blob.ContainerException if the container fails for longer than the retry
     *     time, or in a way that will not pass
     */
    public WriteResult write(ReadableByteChannel input) {
        Retry retry = new Retry(options.clock(), options.listener());
        Uploads uploads = new Uploads(container, retry, rules, options.durability());
        if (uploads.head(StartMarker.NAME, options.retryTime()).isPresent()) {
            throw new BufferOverwriteException("its " + StartMarker.NAME + " is there already");
        }
        ByteBuffer start = StartMarker.of(rules.nonce()).body();
        Md5 ours = Md5.of(start);
        FailureNotice notice = new FailureNotice(container, options, rules, ours);
        try {
            uploads.create(StartMarker.NAME, start, ours, null, options.retryTime());
            notice.begun();
            EndMarker end = new Transfer(uploads).run(input, retry);
            ByteBuffer body = end.body();
            rules.finish(() ->
                    uploads.create(EndMarker.NAME, body, Md5.of(body), null, options.retryTime()));
            return new WriteResult(
                    end.totalSize().orElseThrow(),
                    end.blobCount().orElseThrow(),
                    end.hashChain().orElseThrow(),
                    uploads.weakest(),
                    retry.counted());
        } catch (RuntimeException | Error e) {
            rules.fail(() -> notice.give(e));
            throw e;
        }
    }

    /** The threads of one write and how they end together. */
    private final class Transfer {
        private final Uploads uploads;
        private final BlockQueue queue;
        private final CompletableFuture<Void> outcome = new CompletableFuture<>();
        private final AtomicInteger working = new AtomicInteger(options.dop());

        Transfer(Uploads uploads) {
            this.uploads = uploads;
            int dop = options.dop();
            this.queue =
                    new BlockQueue(
                            options.clock(),
                            Math.toIntExact(options.blockSize().bytes()),
                            dop + Math.max(1, dop / 2),
                            Nanos.of(options.flushInterval()));
        }

        EndMarker run(ReadableByteChannel input, Retry retry) {
            Thread feeder =
                    Thread.ofPlatform().daemon().name("forebay-input").start(() -> feed(input));
            Threads threads = new Threads(options.clock(), rules.grace());
            boolean done = false;
            try {
                threads.execute(this::closeByTime);
                for (int i = 0; i < options.dop(); i++) {
                    threads.execute(this::upload);
                }
                outcome.get();
                done = true;
                return queue.summary();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransferInterruptedException("writing the buffer", e);
            } catch (ExecutionException e) {
                throw asThrown(Objects.requireNonNull(e.getCause()));
            } finally {
                queue.stop();
                feeder.interrupt();
                if (!done) {
                    retry.cancel();
                }
                threads.endGently();
            }
        }

        private RuntimeException asThrown(Throwable cause) {
            return switch (cause) {
                case Error error -> throw error;
                case RuntimeException failure -> failure;
                case IOException e -> new BufferException("the input failed: " + e.getMessage(), e);
                default -> new BufferException("the write failed: " + cause.getMessage(), cause);
            };
        }

        private void feed(ReadableByteChannel input) {
            try {
                queue.feed(input);
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        }

        private void closeByTime() {
            try {
                queue.closeByTime();
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        }

        private void upload() {
            try {
                for (Block block = queue.take(); block != null; block = queue.take()) {
                    upload(block);
                }
                if (working.decrementAndGet() == 0) {
                    outcome.complete(null);
                }
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        }

        /** Digests are made side by side; the chain passes from block to block in order. */
        private void upload(Block block) throws ExecutionException, InterruptedException {
            Md5 md5 = Md5.of(block.body());
            String chain = HashChain.next(block.before().get(), md5);
            block.chain().complete(chain);
            int size = block.body().remaining();
            uploads.create(
                    BlobNumber.nameOf(block.number()),
                    block.body(),
                    md5,
                    chain,
                    options.retryTime());
            queue.release(block);
            options.listener().moved(size);
        }
    }
}
