/** What buffers exist, and who may use them. */
@NullMarked
package dev.forebay.control;

import org.jspecify.annotations.NullMarked;
