/** A typed client of the control plane, for the command line and for Java programs. */
@NullMarked
package dev.forebay.client;

import org.jspecify.annotations.NullMarked;
