/** Names, headers, codes and JSON records of the control and data plane. */
@NullMarked
package dev.forebay.wire;

import org.jspecify.annotations.NullMarked;
