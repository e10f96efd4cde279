@NullMarked
package dev.forebay.wire.data;

import org.jspecify.annotations.NullMarked;
