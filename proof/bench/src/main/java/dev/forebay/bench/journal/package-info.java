/** The journal beside a group commit of 60 lines and plain writes. */
@NullMarked
package dev.forebay.bench.journal;

import org.jspecify.annotations.NullMarked;
