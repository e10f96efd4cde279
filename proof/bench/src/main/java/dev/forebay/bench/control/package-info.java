/** The catalogue over a million buffers. */
@NullMarked
package dev.forebay.bench.control;

import org.jspecify.annotations.NullMarked;
