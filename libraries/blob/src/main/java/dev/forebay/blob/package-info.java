/** The container of write-once blobs as an interface, and the local directory that keeps it. */
@NullMarked
package dev.forebay.blob;

import org.jspecify.annotations.NullMarked;
