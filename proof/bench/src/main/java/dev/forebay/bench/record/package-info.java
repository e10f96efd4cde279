/** The record buffer in memory, beside a lock and a timer without any buffer logic. */
@NullMarked
package dev.forebay.bench.record;

import org.jspecify.annotations.NullMarked;
