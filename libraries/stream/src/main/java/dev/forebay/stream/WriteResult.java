package dev.forebay.stream;

import dev.forebay.base.Durability;

/**
 * A buffer was written whole, its end marker included.
 *
 * @param bytes of the input
 * @param blobs data blobs, without the empty one at the end
 * @param hashChain the chain's value of the empty blob
 * @param durability the weakest of all acknowledgements
 * @param retries tries that failed and were repeated
 */
public record WriteResult(
        long bytes, long blobs, String hashChain, Durability durability, Retries retries) {}
