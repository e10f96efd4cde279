/** The journal beside a 60-line group commit and the bare calls, in one run. */
@NullMarked
package dev.forebay.bench.journal;

import org.jspecify.annotations.NullMarked;
