/** The REST client of the control plane. */
@NullMarked
package dev.forebay.client;

import org.jspecify.annotations.NullMarked;
