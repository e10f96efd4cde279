@NullMarked
package dev.forebay.streamsimd;

import org.jspecify.annotations.NullMarked;
