@NullMarked
package dev.forebay.blob;

import org.jspecify.annotations.NullMarked;
