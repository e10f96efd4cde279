@NullMarked
package dev.forebay.stream;

import org.jspecify.annotations.NullMarked;
