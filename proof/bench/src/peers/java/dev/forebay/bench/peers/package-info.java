/** Both libraries beside their peers in one run, each behind the same few methods. */
@NullMarked
package dev.forebay.bench.peers;

import org.jspecify.annotations.NullMarked;
