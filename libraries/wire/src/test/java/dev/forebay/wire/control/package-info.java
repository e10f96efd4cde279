@NullMarked
package dev.forebay.wire.control;

import org.jspecify.annotations.NullMarked;
