/**
 * Buffers: write-once byte streams cut into blobs of a {@link dev.forebay.blob.Container}, with a
 * writer and a reader that need no server.
 */
@NullMarked
package dev.forebay.stream;

import org.jspecify.annotations.NullMarked;
