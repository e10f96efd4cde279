/** JSON records of the commands of the data log. */
@NullMarked
package dev.forebay.wire.log;

import org.jspecify.annotations.NullMarked;
