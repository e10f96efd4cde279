/** Containers for the tests of the rooms above: one in memory, and one that misbehaves. */
@NullMarked
package dev.forebay.blob.testing;

import org.jspecify.annotations.NullMarked;
