/**
 * The streams face, measured from outside: real processes, raw HTTP, and the bytes that came out
 * compared with those that went in.
 */
@NullMarked
package dev.forebay.bench.streams;

import org.jspecify.annotations.NullMarked;
