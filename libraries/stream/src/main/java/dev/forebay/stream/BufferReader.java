package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.Container;
import java.nio.channels.WritableByteChannel;

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
        FetchWindow window = new FetchWindow(options, fetches, threads);
        Reading reading = new Reading(options, retry, fetches, window);
        try {
            reading.run(output);
        } finally {
            threads.end();
            window.dropAll();
        }
        return reading.result();
    }
}
