/** JSON records and error codes of the control plane. */
@NullMarked
package dev.forebay.wire.control;

import org.jspecify.annotations.NullMarked;
