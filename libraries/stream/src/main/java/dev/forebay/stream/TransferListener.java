package dev.forebay.stream;

import dev.forebay.blob.ContainerException;

/**
 * Is told how a transfer goes, by any of its threads and by several at once. It must be quick, as
 * the transfer waits for it, and must not throw, which would end the transfer.
 */
public interface TransferListener {
    /** Hears nothing. */
    TransferListener SILENT = new TransferListener() {};

    /**
     * A block of {@code bytes} was acknowledged by the container or released to the output.
     *
     * @param bytes of that block
     */
    default void moved(long bytes) {}

    /**
     * A try failed for {@code reason} and will be repeated.
     *
     * @param reason why it failed
     */
    default void retrying(ContainerException reason) {}

    /**
     * A write failed, and this is what its readers were told of it. Called once, by the thread in
     * {@link BufferWriter#write}, after the marker was written or given up and before {@code write}
     * throws.
     *
     * @param mark whether they see that it failed
     */
    default void failureMarked(FailureMark mark) {}

    /**
     * Something is odd but does not stop the transfer.
     *
     * @param message a sentence for the user
     */
    default void warning(String message) {}
}
