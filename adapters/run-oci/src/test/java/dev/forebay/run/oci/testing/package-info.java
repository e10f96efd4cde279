/** A real engine for tests. */
@NullMarked
package dev.forebay.run.oci.testing;

import org.jspecify.annotations.NullMarked;
