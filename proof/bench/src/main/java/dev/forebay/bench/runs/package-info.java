/** The rows of runs: their search, their executions, and what waits for its turn. */
@NullMarked
package dev.forebay.bench.runs;

import org.jspecify.annotations.NullMarked;
