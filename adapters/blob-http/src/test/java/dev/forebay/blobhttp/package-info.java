@NullMarked
package dev.forebay.blobhttp;

import org.jspecify.annotations.NullMarked;
