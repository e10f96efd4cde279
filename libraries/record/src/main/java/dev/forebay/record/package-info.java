/** Record buffers: hold records until a trigger, lose none. */
@NullMarked
package dev.forebay.record;

import org.jspecify.annotations.NullMarked;
