/** Header names and error codes of the data plane. */
@NullMarked
package dev.forebay.wire.data;

import org.jspecify.annotations.NullMarked;
