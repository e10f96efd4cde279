package dev.forebay.stream;

import dev.forebay.blob.Md5;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A part of the input on its way to be a blob.
 *
 * @param start the byte of the input at which it begins
 * @param body ready to be read
 * @param size bytes of the body
 * @param before the chain's value of the block before
 * @param md5 of the body if it is known already; then the chain's value of this one is too, if that
 *     of the block before is
 * @param chain the chain's value of this one, set by the thread that has its digest
 */
record Block(
        long number,
        long start,
        Body body,
        long size,
        @Nullable Md5 md5,
        CompletableFuture<String> before,
        CompletableFuture<String> chain) {}
