/** The data log over gRPC, as the clients of the Spot SDK expect it. */
@NullMarked
package dev.forebay.spot;

import org.jspecify.annotations.NullMarked;
