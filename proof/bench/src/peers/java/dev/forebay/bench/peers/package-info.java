/** Our faces beside what others use for the same, each behind the same few methods, in one run. */
@NullMarked
package dev.forebay.bench.peers;

import org.jspecify.annotations.NullMarked;
