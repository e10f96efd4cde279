@NullMarked
package dev.forebay.spot;

import org.jspecify.annotations.NullMarked;
