package dev.forebay.stream;

import java.util.concurrent.CompletableFuture;

/**
 * A part of the input on its way to be a blob.
 *
 * @param start the byte of the input at which it begins
 * @param body ready to be read
 * @param size bytes of the body
 * @param before the chain's value of the block before
 * @param chain the chain's value of this one, set by the thread that has its digest
 */
record Block(
        long number,
        long start,
        Body body,
        long size,
        CompletableFuture<String> before,
        CompletableFuture<String> chain) {}
