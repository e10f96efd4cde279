/**
 * An append-only log of checksummed frames in segments, with group commit: the ground under durable
 * record buffers and spooled writes. {@link dev.forebay.journal.Journal} is where to begin.
 */
@NullMarked
package dev.forebay.journal;

import org.jspecify.annotations.NullMarked;
