/**
 * Streams, measured from outside: processes, raw HTTP, and a comparison of the bytes that were
 * written and read.
 */
@NullMarked
package dev.forebay.bench.streams;

import org.jspecify.annotations.NullMarked;
