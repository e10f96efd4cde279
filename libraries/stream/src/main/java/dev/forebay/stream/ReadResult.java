package dev.forebay.stream;

/**
 * A buffer was read whole and every byte of it checked.
 *
 * @param bytes released to the output
 * @param blobs data blobs, without the empty one at the end
 * @param hashChain the chain's value of the empty blob
 * @param retries tries that failed and were repeated
 */
public record ReadResult(long bytes, long blobs, String hashChain, Retries retries) {}
