/** The record buffer, in memory beside a list, a lock and a timer, and on a journal. */
@NullMarked
package dev.forebay.bench.record;

import org.jspecify.annotations.NullMarked;
