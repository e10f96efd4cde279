package dev.forebay.stream;

import dev.forebay.blob.ContainerException;

/** Is told how a transfer goes, from any of its threads; must be quick and must not throw. */
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
