package dev.forebay.stream;

import dev.forebay.blob.ContainerException;

/**
 * Is told how a transfer goes, by any of its threads and by several at once. It must be quick, as
 * the transfer waits for it, and must not throw, which would end the transfer.
 */
public interface TransferListener {
    /** Hears nothing. */
    TransferListener SILENT = new TransferListener() {};

    /** A block of {@code bytes} was acknowledged by the container or released to the output. */
    default void moved(long bytes) {}

    /** A try failed for {@code reason} and will be repeated. */
    default void retrying(ContainerException reason) {}

    /** Something is odd but does not stop the transfer. */
    default void warning(String message) {}
}
