package dev.forebay.stream;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A piece of the input on its way to be a blob.
 *
 * @param body ready to be read; of the pool, but for the empty block
 * @param before the chain's value of the block before
 * @param chain the chain's value of this one, set by whoever has its digest
 */
record Block(
        long number,
        ByteBuffer body,
        CompletableFuture<String> before,
        CompletableFuture<String> chain) {}
