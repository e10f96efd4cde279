/** MD5s of many bodies at once, on vectors. */
@NullMarked
package dev.forebay.streamsimd;

import org.jspecify.annotations.NullMarked;
