/** Two builds of Forebay, measured in turns by the same rows, and what their ratios say. */
@NullMarked
package dev.forebay.bench.compare;

import org.jspecify.annotations.NullMarked;
