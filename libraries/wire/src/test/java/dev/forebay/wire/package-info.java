@NullMarked
package dev.forebay.wire;

import org.jspecify.annotations.NullMarked;
