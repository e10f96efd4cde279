/** The data plane of the reference, and servers that speak it, seen as a container. */
@NullMarked
package dev.forebay.blobhttp;

import org.jspecify.annotations.NullMarked;
