package dev.forebay.stream;

import dev.forebay.base.Nanos;
import dev.forebay.base.Worker;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.blob.SmallBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes one buffer.
 *
 * <p><b>Guarantee.</b> When {@link #write} returns, every byte of the input and the end marker are
 * as durable as the options demand, and no other writer of ours believes the buffer is its own.
 * Memory for blocks is at most that of 2 times {@code dop} full blocks, or 1 MiB if that is more,
 * and a piece of 256 KiB, also while the container is stalled; and at most what the memory budget
 * of the options has, down to one block. Half of the blocks are on their way, the others come in
 * and are digested side by side meanwhile.
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

    private static final boolean[] NONE = {};

    private final Container container;
    private final WriteOptions options;
    private final boolean platformThreads;

    /**
     * A writer of the buffer in {@code container}, which stays open and is not called yet.
     *
     * @param container takes the blobs
     * @param options how the input is cut, and how failures are retried
     */
    public BufferWriter(Container container, WriteOptions options) {
        this(container, options, false);
    }

    private BufferWriter(Container container, WriteOptions options, boolean platformThreads) {
        this.container = container;
        this.options = options;
        this.platformThreads = platformThreads;
    }

    /**
     * The same with a platform thread for each upload instead of a virtual one: for a process that
     * does little else, which then spends less on switching between them.
     *
     * @return a writer that has not begun
     */
    public BufferWriter onPlatformThreads() {
        return new BufferWriter(container, options, true);
    }

    /**
     * Writes the whole input as the buffer; blocks. Whatever ends the write once the start marker
     * stands, such as an interrupt, an input that fails, or a container that fails for longer than
     * the retry time, leaves an end marker that says <em>failed</em>, if it gets through within
     * three seconds; unless the whole buffer was written and only the last acknowledgement is
     * missing. What became of it is told by {@link TransferListener#failureMarked}.
     *
     * @param input is read to its end, and stays open
     * @return how much it was
     * @throws dev.forebay.base.NotEnoughMemoryException if there is no memory for one block;
     *     nothing was written
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
        Uploads uploads = new Uploads(container, retry, options.durability(), options.retryTime());
        claimFirst();
        BlockQueue queue = queue();
        try {
            if (uploads.head(StartMarker.NAME).isPresent()) {
                throw new BufferOverwriteException("its " + StartMarker.NAME + " is there already");
            }
            return write(input, retry, uploads, queue);
        } finally {
            queue.stop();
        }
    }

    /**
     * Marks the buffer failed for a writer that is gone, so that no reader waits for it; blocks for
     * the retry time at most. Nothing else is written, and an end marker that stands is kept.
     *
     * @return {@link FailureMark#WRITTEN}, or {@link FailureMark#NOT_NEEDED} if another end marker
     *     stands or the buffer does not exist
     * @throws TransferInterruptedException if the calling thread is interrupted
     * @throws dev.forebay.blob.ContainerException if the container fails for longer than the retry
     *     time, or in a way that will not pass
     */
    public FailureMark giveUp() {
        Retry retry = new Retry(options.clock(), options.listener());
        Uploads uploads = new Uploads(container, retry, options.durability(), options.retryTime());
        ByteBuffer body = EndMarker.ofFailure().body();
        try {
            uploads.create(EndMarker.NAME, body, Md5.of(body));
            return FailureMark.WRITTEN;
        } catch (BufferOverwriteException | BufferMissingException e) {
            return FailureMark.NOT_NEEDED;
        }
    }

    private WriteResult write(
            ReadableByteChannel input, Retry retry, Uploads uploads, BlockQueue queue) {
        ByteBuffer start = StartMarker.of(UUID.randomUUID().toString()).body();
        Md5 ours = Md5.of(start);
        FailureNotice notice = new FailureNotice(container, options, ours);
        try {
            Transfer transfer = new Transfer(retry, uploads, queue);
            transfer.begin(() -> {
                uploads.create(StartMarker.NAME, start, ours);
                notice.begun();
            });
            EndMarker end = transfer.run(input);
            ByteBuffer body = end.body();
            uploads.create(EndMarker.NAME, body, Md5.of(body));
            return new WriteResult(
                    end.totalSize().orElseThrow(),
                    end.blobCount().orElseThrow(),
                    end.hashChain().orElseThrow(),
                    uploads.weakest(),
                    retry.counted());
        } catch (RuntimeException | Error e) {
            notice.give(e);
            throw e;
        }
    }

    /** Refuses, before anything is written, a block for which there is no memory. */
    private void claimFirst() {
        try {
            options.memory()
                    .awaitFirst(
                            "a block of " + options.blockSize(),
                            BlockQueue.firstClaim(blockSize(), flushNanos()),
                            options.clock(),
                            options.retryTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferInterruptedException("waiting for memory", e);
        }
    }

    private BlockQueue queue() {
        int dop = options.dop();
        return new BlockQueue(
                options.clock(), options.memory(), blockSize(), 2 * dop, flushNanos());
    }

    private int blockSize() {
        return Math.toIntExact(options.blockSize().bytes());
    }

    private long flushNanos() {
        return Nanos.of(options.flushInterval());
    }

    /** The threads of one write and how they end together. */
    private final class Transfer {
        private final Retry retry;
        private final Uploads uploads;
        private final BlockQueue queue;
        private final Threads threads = new Threads(options.clock(), platformThreads);
        private final CompletableFuture<Void> outcome = new CompletableFuture<>();
        private final AtomicInteger working = new AtomicInteger(options.dop());

        Transfer(Retry retry, Uploads uploads, BlockQueue queue) {
            this.retry = retry;
            this.uploads = uploads;
            this.queue = queue;
        }

        /**
         * Puts the start marker. On a thread of its own: an interrupt of the caller does not end
         * that put, of which it would then not be known whether the buffer was begun.
         */
        void begin(Runnable put) {
            Future<?> begun = threads.submit(Executors.callable(put));
            boolean done = false;
            try {
                await(begun);
                done = true;
            } finally {
                if (!done) {
                    retry.cancel();
                    threads.endGently();
                }
            }
        }

        EndMarker run(ReadableByteChannel input) {
            boolean done = false;
            Worker feeder =
                    Worker.platform(
                            "forebay-input",
                            () -> queue.feed(input),
                            outcome::completeExceptionally);
            try {
                work(queue::closeByTime);
                for (int i = 0; i < options.dop(); i++) {
                    work(this::upload);
                }
                await(outcome);
                done = true;
                return queue.summary();
            } finally {
                queue.stop();
                feeder.interrupt();
                if (!done) {
                    retry.cancel();
                }
                threads.endGently();
            }
        }

        private void work(Worker.Task task) {
            Future<?> _ =
                    threads.submit(() -> {
                        try {
                            task.run();
                        } catch (Throwable e) {
                            outcome.completeExceptionally(e);
                        }
                        return task;
                    });
        }

        private void await(Future<?> what) {
            try {
                what.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransferInterruptedException("writing the buffer", e);
            } catch (ExecutionException e) {
                throw asThrown(Objects.requireNonNull(e.getCause()));
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

        private void upload() throws ExecutionException, InterruptedException {
            List<Block> blocks = queue.take(container.mostAtOnce());
            while (!blocks.isEmpty()) {
                upload(blocks);
                blocks = queue.take(container.mostAtOnce());
            }
            if (working.decrementAndGet() == 0) {
                outcome.complete(null);
            }
        }

        private void upload(List<Block> blocks) throws ExecutionException, InterruptedException {
            boolean[] letGo = NONE;
            try {
                letGo = blocks.size() == 1 ? create(blocks.getFirst()) : createTogether(blocks);
            } finally {
                for (int i = 0; i < blocks.size(); i++) {
                    queue.release(blocks.get(i), i < letGo.length && letGo[i]);
                }
            }
            for (Block block : blocks) {
                options.listener().moved(block.size());
            }
        }

        private boolean[] create(Block block) throws ExecutionException, InterruptedException {
            BlobName name = BlobNumber.nameOf(block.number());
            Md5 md5 = block.md5() != null ? block.md5() : block.body().md5();
            List<ByteBuffer> pieces = block.body().pieces();
            return new boolean[] {uploads.create(name, pieces, md5, metadata(block, md5))};
        }

        private boolean[] createTogether(List<Block> blocks)
                throws ExecutionException, InterruptedException {
            List<SmallBlob> blobs = new ArrayList<>();
            for (Block block : blocks) {
                Md5 md5 = Objects.requireNonNull(block.md5());
                BlobName name = BlobNumber.nameOf(block.number());
                List<ByteBuffer> pieces = block.body().pieces();
                blobs.add(new SmallBlob(name, pieces, md5, metadata(block, md5)));
            }
            return uploads.create(blobs);
        }

        /** Digests are made side by side; the chain passes from block to block in order. */
        private static Map<String, String> metadata(Block block, Md5 md5)
                throws ExecutionException, InterruptedException {
            if (!block.chain().isDone()) {
                block.chain().complete(HashChain.next(block.before().get(), md5));
            }
            return Map.of(
                    HashChain.METADATA_KEY,
                    block.chain().get(),
                    BlockMap.OFFSET_KEY,
                    Long.toString(block.start()));
        }
    }
}
