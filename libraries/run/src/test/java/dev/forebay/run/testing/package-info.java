/** The contract that every executor is tested against. */
@NullMarked
package dev.forebay.run.testing;

import org.jspecify.annotations.NullMarked;
