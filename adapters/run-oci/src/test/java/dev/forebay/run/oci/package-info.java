/** Tests against a real engine. */
@NullMarked
package dev.forebay.run.oci;

import org.jspecify.annotations.NullMarked;
